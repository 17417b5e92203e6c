#include <algorithm>
#include <limits>

#include "daemon/store/journal_scheduler.hpp"

// The scheduler's view of the room on disk: whether there is some for a new event, and what older
// ones have to make.

namespace vibes::store {

std::uint64_t journal_scheduler::room_bytes() const noexcept {
  const std::uint64_t free = space_.free_bytes();
  return free - std::min<std::uint64_t>(free, spill_.pending_bytes() + job_.bytes());
}

journal_scheduler::spill_verdict journal_scheduler::would_take(std::size_t payload_size,
                                                               bool must_report,
                                                               time_point now) const {
  if (health_.is_off() || health_.state() == journal_state::opening) return spill_verdict::full;
  if (must_report && !spill_.has_place_for_producer()) return spill_verdict::too_many_wait;
  const std::size_t bytes = journal::event_overhead_bytes + payload_size;
  const std::size_t pending_max = spill_.limits().pending_bytes_max;
  if (disk_answers(now)) {
    if (space_.is_full() || (room_bytes() < bytes && !space_.has_place_of_dropped(payload_size))) {
      return spill_verdict::full;
    }
    const bool fits = !spill_.has_pending() || spill_.pending_bytes() + bytes <= pending_max;
    return fits ? spill_verdict::takes : spill_verdict::busy;
  }
  // What is already in the tail has to stay in front. With the disk away, memory and what waits for
  // the disk share their limits.
  const bool fits =
      queue_.usage().bytes + spill_.pending_bytes() + entry_cost_bytes(payload_size) <=
      queue_.limits().bytes_max + pending_max;
  return !spill_.empty() && fits ? spill_verdict::takes : spill_verdict::full;
}

std::uint64_t journal_scheduler::refused_bytes() const noexcept {
  if (!space_.is_full() || job_.is_out() || !health_.is_healthy()) return 0;
  const std::uint64_t bytes_max = space_.job_bytes_max();
  const std::uint64_t bytes = unrecorded_bytes(bytes_max);
  return bytes > 0 ? bytes : std::min(pending_bytes(), bytes_max);
}

/// Beside this job. Of interest only while the journal holds more than it may.
std::uint64_t journal_scheduler::bytes_to_come() const noexcept {
  if (!space_.is_over_its_limit()) return 0;
  return unrecorded_bytes(std::numeric_limits<std::uint64_t>::max()) + pending_bytes();
}

/// What of memory the journal was not given yet, as far as that is wanted; in bytes of the disk.
std::uint64_t journal_scheduler::unrecorded_bytes(std::uint64_t enough) const noexcept {
  std::uint64_t bytes = 0;
  queue_.visit_unrecorded([&](const entry& each) {
    bytes += disk_place_of(each.payload_size);
    return bytes < enough;
  });
  return bytes;
}

/// The same of the tail.
std::uint64_t journal_scheduler::pending_bytes() const noexcept {
  return spill_.pending_bytes() + spill_.pending_events() * place_overhead_bytes;
}

sequence_number journal_scheduler::add_to_spill(const new_event& event) {
  const std::size_t size = event.payload.size();
  const bool beyond_room = room_bytes() < journal::event_overhead_bytes + size;
  spill_.add(event, queue_.last_number() + 1);
  space_.note_taken(size, beyond_room);
  const sequence_number sequence = queue_.claim_sequence();
  ++status_.counters.spilled_events;
  return sequence;
}

}  // namespace vibes::store
