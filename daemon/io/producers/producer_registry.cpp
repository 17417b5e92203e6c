#include "daemon/io/producers/producer_registry.hpp"

#include <algorithm>
#include <utility>

namespace vibes::io {

store::producer_ref producer_registry::add(delivery_receiver& owner) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  slots_[index].owner = &owner;
  return {index, slots_[index].epoch};
}

void producer_registry::remove(store::producer_ref gone) {
  slot* const found = find(gone);
  if (found == nullptr) return;
  found->owner = nullptr;
  found->has_reports = found->waiting = false;
  ++found->epoch;
  free_.push_back(gone.slot);
}

void producer_registry::wait_for_room(store::producer_ref who) {
  slot* const found = find(who);
  if (found == nullptr || found->waiting) return;
  found->waiting = true;
  waiting_.push_back(who);
}

producer_registry::slot* producer_registry::find(store::producer_ref who) {
  if (who.slot >= slots_.size()) return nullptr;
  slot& found = slots_[who.slot];
  return found.owner != nullptr && found.epoch == who.epoch ? &found : nullptr;
}

void producer_registry::has_reports(store::producer_ref who, slot& found) {
  if (found.has_reports) return;
  found.has_reports = true;
  with_reports_.push_back(who);
}

void producer_registry::report(const store::delivery_report& of) {
  for (auto rest = of.events; !rest.empty();) {
    const store::producer_ref who = rest.front().producer;
    const auto end = std::ranges::find_if(
        rest, [who](const store::producer_line& each) { return each.producer != who; });
    const auto count = static_cast<std::size_t>(end - rest.begin());
    if (slot* const found = find(who)) {
      lines_.clear();
      for (const store::producer_line& each : rest.first(count)) lines_.push_back(each.line);
      switch (of.outcome) {
        case store::delivery_outcome::durable: found->owner->lines_durable(lines_); break;
        case store::delivery_outcome::committed: found->owner->lines_committed(lines_); break;
        case store::delivery_outcome::lost: found->owner->lines_lost(lines_, of.reason); break;
      }
      has_reports(who, *found);
    }
    rest = rest.subspan(count);
  }
}

void producer_registry::reported() {
  for (const store::producer_ref& who : std::exchange(with_reports_, {})) {
    if (slot* const found = find(who)) {
      found->has_reports = false;
      found->owner->write_answers();
    }
  }
  for (const store::producer_ref& who : std::exchange(waiting_, {})) {
    if (slot* const found = find(who)) {
      found->waiting = false;
      found->owner->room_made();
    }
  }
}

}  // namespace vibes::io
