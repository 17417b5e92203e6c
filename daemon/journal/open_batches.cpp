#include "daemon/journal/open_batches.hpp"

namespace vibes::journal {

void open_batches::add(recorded_batch added, sequence_set live) {
  std::erase_if(batches_, [&](const open_batch& each) {
    return each.record.events.intersects(added.events);
  });
  if (added.dissolved || live.empty()) return;
  batches_.push_back({std::move(added), std::move(live)});
}

void open_batches::settle(const sequence_set& events) {
  for (open_batch& each : batches_) each.left.subtract(events);
  std::erase_if(batches_, [](const open_batch& each) { return each.left.empty(); });
}

void open_batches::keep(const sequence_set& live) {
  for (open_batch& each : batches_) each.left = each.record.events.intersection(live);
  std::erase_if(batches_, [](const open_batch& each) { return each.left.empty(); });
}

}  // namespace vibes::journal
