#include <algorithm>
#include <limits>

#include "daemon/store/journal_scheduler.hpp"

// The scheduler's view of the room on disk: whether there is some for a new event, and what older
// ones have to make.

namespace vibes::store {
namespace {

/// What the release of an older event and a new segment's beginning add to a new event.
constexpr std::uint64_t place_overhead_bytes = 64;

constexpr std::uint64_t place_of(std::size_t payload_size) noexcept {
  return journal::event_overhead_bytes + payload_size + place_overhead_bytes;
}

}  // namespace

/// What events may still take on the disk. Bytes that are not live count too, as long as moving
/// what is live would not pay.
std::uint64_t journal_scheduler::free_bytes() const noexcept {
  const std::uint64_t limit =
      usage_.bytes_cap - std::min(usage_.bytes_cap, settings_.journal.reserve_bytes);
  const std::uint64_t live_limit = limit / 4 * 3;
  return std::max(limit - std::min(limit, usage_.bytes),
                  live_limit - std::min(live_limit, usage_.live_bytes));
}

std::uint64_t journal_scheduler::room_bytes() const noexcept {
  const std::uint64_t free = free_bytes();
  return free - std::min<std::uint64_t>(free, spill_.pending_bytes() + job_bytes_);
}

/// The journal takes the events of a job whole or not at all. Near its cap it lends room for
/// little at a time, so more at once would be refused whatever is dropped for it.
std::size_t journal_scheduler::records_bytes_max() const noexcept {
  if (free_bytes() >= settings_.job_bytes_max) return settings_.job_bytes_max;
  return std::min<std::size_t>(settings_.job_bytes_max, settings_.journal.reserve_bytes / 8);
}

journal_scheduler::spill_verdict journal_scheduler::would_take(std::size_t payload_size,
                                                               bool must_report,
                                                               time_point now) const {
  if (state_ == journal_state::off || state_ == journal_state::opening) return spill_verdict::full;
  if (must_report && !spill_.has_place_for_producer()) return spill_verdict::too_many_wait;
  const std::size_t bytes = journal::event_overhead_bytes + payload_size;
  const std::size_t pending_max = spill_.limits().pending_bytes_max;
  if (disk_answers(now)) {
    if (full_ || (room_bytes() < bytes && !has_place_of_dropped(payload_size))) {
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

bool journal_scheduler::has_place_of_dropped(std::size_t payload_size) const noexcept {
  return dropped_bytes_ >= place_of(payload_size);
}

std::uint64_t journal_scheduler::refused_bytes() const noexcept {
  if (!full_ || job_out_ || state_ != journal_state::healthy) return 0;
  const std::uint64_t bytes_max = records_bytes_max();
  const std::uint64_t bytes = unrecorded_bytes(bytes_max);
  return bytes > 0 ? bytes : std::min(pending_bytes(), bytes_max);
}

/// Beside this job. Of interest only while the journal holds more than it may.
std::uint64_t journal_scheduler::bytes_to_come() const noexcept {
  if (usage_.bytes_cap <= settings_.journal.bytes_max) return 0;
  return unrecorded_bytes(std::numeric_limits<std::uint64_t>::max()) + pending_bytes();
}

/// What of memory the journal was not given yet, as far as that is wanted; in bytes of the disk.
std::uint64_t journal_scheduler::unrecorded_bytes(std::uint64_t enough) const noexcept {
  std::uint64_t bytes = 0;
  queue_.visit_unrecorded([&](const entry& each) {
    bytes += place_of(each.payload_size);
    return bytes < enough;
  });
  return bytes;
}

/// The same of the tail.
std::uint64_t journal_scheduler::pending_bytes() const noexcept {
  return spill_.pending_bytes() + spill_.pending_events() * place_overhead_bytes;
}

void journal_scheduler::try_again() noexcept {
  full_ = false;
  settle_now_ = true;
  dropped_bytes_ = 0;
}

/// Also when it was not written yet: then it need not be.
void journal_scheduler::note_dropped(const entry& gone) noexcept {
  dropped_bytes_ += journal::event_overhead_bytes + gone.payload_size;
}

sequence_number journal_scheduler::add_to_spill(const new_event& event) {
  const std::size_t size = event.payload.size();
  const bool takes_place = room_bytes() < journal::event_overhead_bytes + size;
  spill_.add(event, queue_.last_number() + 1);
  dropped_bytes_ = takes_place ? dropped_bytes_ - std::min(dropped_bytes_, place_of(size)) : 0;
  const sequence_number sequence = queue_.claim_sequence();
  ++counters_.spilled_events;
  return sequence;
}

std::uint64_t journal_scheduler::bytes_of_an_event() const noexcept {
  if (usage_.live_events == 0) return settings_.journal.segment_bytes;
  return std::max<std::uint64_t>(1, usage_.live_bytes / usage_.live_events);
}

std::uint64_t journal_scheduler::events_in_a_segment() const noexcept {
  return std::max<std::uint64_t>(1, settings_.journal.segment_bytes / bytes_of_an_event());
}

void journal_scheduler::make_room() noexcept {
  settle_now_ = true;
  room_after_job_ = counters_.jobs + 1;
}

}  // namespace vibes::store
