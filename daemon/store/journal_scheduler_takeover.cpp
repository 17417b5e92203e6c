#include <utility>

#include "daemon/store/journal_scheduler.hpp"

// What the scheduler takes over from a journal that was just opened: at the start the backlog of an
// earlier process, later what is left of its own.

namespace vibes::store {
namespace {

/// Nothing for a batch that cannot be sent unchanged any more.
std::optional<stored_batch> stored_batch_of(const journal::open_batch& from) {
  const auto gen = static_cast<protocol::generation>(from.record.generation);
  const bool is_known = gen <= protocol::generation::iggy_0_10;
  if (!is_known || !from.whole() || from.record.epoch > protocol::producer_epoch_max) {
    return std::nullopt;
  }
  stored_batch made{from.record.partition, gen, {}, from.record.events};
  if (from.record.producer_id != 0) {
    made.stamp = {from.record.producer_id, static_cast<std::uint16_t>(from.record.epoch),
                  static_cast<std::uint32_t>(from.record.base_sequence)};
  }
  return made;
}

}  // namespace

void journal_scheduler::adopt(journal::journal_outcome& outcome, effects& made, time_point now) {
  made.opened = true;
  status_.recovery = std::move(*outcome.recovered);
  if (!std::exchange(was_open_, true)) return adopt_first(outcome, made, now);
  health_.opened();
  journal::sequence_set gone = spill_.events();
  if (spill_.disk_end() < journal::sequence_max)
    gone.subtract(journal::sequence_set({spill_.disk_end(), journal::sequence_max}));
  gone.subtract(outcome.live);
  lose(gone, made);
  // What was settled, or counted as lost, may have come back with an older state of the disk.
  journal::sequence_set settled = std::move(outcome.live);
  settled.subtract(spill_.events());
  journal::sequence_set in_memory;
  queue_.for_each([&](const entry& each) { in_memory.add(each.sequence); });
  settled.subtract(in_memory);
  releases_.add(settled);
}

void journal_scheduler::adopt_first(journal::journal_outcome& outcome, effects& made,
                                    time_point now) {
  if (late_from_ != 0 && outcome.next_sequence > late_from_) {
    // Two events would have one number.
    const error_code why = make_error_code(boost::system::errc::value_too_large);
    health_.note_error(why, now);
    return give_up(why);
  }
  health_.opened();
  queue_.sequences_from(outcome.next_sequence);
  if (late_from_ > outcome.next_sequence) {
    releases_.add({outcome.next_sequence, late_from_ - 1});  // numbers that nobody has
  }
  spill_.add_stored(outcome.live, outcome.oldest_us);
  made.lost_before_start = status_.recovery->lost.count();
  releases_.add(status_.recovery->lost);
  status_.counters.recovered_events = outcome.live.count() + made.lost_before_start;
  for (const journal::open_batch& each : outcome.batches) {
    if (std::optional<stored_batch> stored = stored_batch_of(each)) {
      sent_.unite(stored->events);
      queue_.expect(std::move(*stored));
    }
  }
}

}  // namespace vibes::store
