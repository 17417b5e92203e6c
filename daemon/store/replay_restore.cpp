#include <algorithm>

#include "daemon/base/assert.hpp"
#include "daemon/store/replay_queue.hpp"

// The part of replay_queue that deals with the journal: what goes there, and what comes back.

namespace vibes::store {

entry* replay_queue::first_unrecorded() noexcept {
  while (record_cursor_ != order_.end() && record_cursor_->was_recorded) ++record_cursor_;
  return record_cursor_ == order_.end() ? nullptr : &*record_cursor_;
}

void replay_queue::record_again(const journal::sequence_set& missing) noexcept {
  if (missing.empty()) return;
  record_cursor_ = order_.begin();
  for (entry& each : order_) {
    if (missing.contains(each.sequence)) each.was_recorded = false;
  }
}

void replay_queue::push_stored(const new_event& event, sequence_number sequence, time_point now,
                               bool recorded) {
  entry& made = add(event, sequence, now);
  made.was_recorded = recorded;
  made.was_stored = true;
  restored_batch* const part_of = expected_with(sequence);
  if (part_of == nullptr) return enqueue(made);
  hold(made, *part_of);
  place_complete();
}

void replay_queue::expect(stored_batch expected) {
  VIBES_ASSERT(!expected.events.empty());
  restored_batch made;
  made.made.partition = expected.partition;
  made.made.attempts = 1;
  made.made.producer = expected.stamp;
  made.made.recorded = batch_recorded::yes;
  made.what = std::move(expected);
  restored_.push_back(std::move(made));
}

void replay_queue::expect_no_more(const journal::sequence_set& lost) {
  for (restored_batch& each : restored_) {
    if (!each.is_complete() && each.what.events.intersects(lost)) dissolve(each);
  }
  std::erase_if(restored_, [](const restored_batch& each) { return each.what.events.empty(); });
}

std::size_t replay_queue::held_events() const noexcept {
  std::size_t held = 0;
  for (const restored_batch& each : restored_) {
    if (!each.is_complete()) held += each.made.entries.size();
  }
  return held;
}

replay_queue::restored_batch* replay_queue::expected_with(sequence_number sequence) noexcept {
  const auto found = std::ranges::find_if(restored_, [sequence](const restored_batch& each) {
    return each.what.events.contains(sequence);
  });
  return found == restored_.end() ? nullptr : &*found;
}

/// Iggy may have it: nobody may drop it, and it counts as unsettled.
void replay_queue::hold(entry& held, restored_batch& in) {
  const std::size_t cost = entry_cost_bytes(held.payload_size);
  held.state = entry_state::returned;
  held.was_sent = true;
  ++usage_.sent_events;
  usage_.sent_bytes += cost;
  ++usage_.unsettled_events;
  usage_.unsettled_bytes += cost;
  in.made.entries.push_back(&held);
  in.made.cost_bytes += cost;
}

/// As soon as the routes are known, complete batches go to their lanes, or fall apart.
void replay_queue::place_complete() {
  if (!routed()) return;
  for (restored_batch& each : restored_) {
    if (!each.is_complete()) continue;
    if (keeps_partition(each.made, partitions_, each.what.generation)) {
      return_to_partition(std::move(each.made));
      each.what.events.clear();
    } else {
      dissolve(each);
    }
  }
  std::erase_if(restored_, [](const restored_batch& each) { return each.what.events.empty(); });
}

/// What has come of it so far are ordinary events, in their places among those of their lane.
void replay_queue::dissolve(restored_batch& gone) {
  settle(gone.made, entry_state::queued);
  for (entry* each : gone.made.entries) {
    enqueue(*each);
    lane_list& lane = lanes_[lane_of(*each)].queued;
    auto at = lane.iterator_to(*each);
    while (at != lane.begin() && std::prev(at)->sequence > each->sequence) --at;
    lane.splice(at, lane, lane.iterator_to(*each));
  }
  gone.made.entries.clear();
  gone.what.events.clear();
}

}  // namespace vibes::store
