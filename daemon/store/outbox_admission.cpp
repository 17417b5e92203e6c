#include <new>
#include <utility>

#include "daemon/base/assert.hpp"
#include "daemon/store/outbox.hpp"

// The outbox towards producers: memory first, then the disk, then the overflow policy.

namespace vibes::store {

using spill_verdict = journal_scheduler::spill_verdict;

namespace {

/// The journal or Iggy is at work: what comes of it wakes those who wait, this is only in case it
/// does not come.
constexpr auto room_wait = std::chrono::milliseconds(100);

}  // namespace

/// At the other levels its producer has been told, or will be, by the time it is on disk.
bool outbox::must_report(const new_event& event) const noexcept {
  return event.ack_wanted || (event.durable_wanted && !durable_waiters_.has_place());
}

outbox::offer_result outbox::offer(const new_event& event, time_point now,
                                   time_point waiting_since) {
  const std::size_t size = event.payload.size();
  // Neither waiting nor dropping others helps an event that is larger than the queue.
  if (!queue_.fits_at_all(size)) return refuse(loss_reason::overflow_drop_newest);
  // Before anything is dropped for it.
  const std::size_t queued_bytes = queue_.usage().bytes + scheduler_.spilled().pending_bytes();
  if (!memory_.allows(queued_bytes, entry_cost_bytes(size))) {
    return refuse(loss_reason::out_of_memory);
  }
  switch (find_room(size, must_report(event), now)) {
    case room::there: return admit(event, now);
    case room::soon: return {offer_verdict::wait, {}, now + room_wait};
    case room::never: break;
  }
  return overflow(event, now, waiting_since);
}

/// Behind what is on disk only, or because memory is full.
bool outbox::goes_to_tail(std::size_t payload_size) const noexcept {
  return !scheduler_.spilled().empty() || !queue_.fits(payload_size);
}

/// The disk is for what Iggy does not take, not for what it takes a little later: going over the
/// disk is slower than the wait, and everything newer would have to follow.
bool outbox::waits_for_memory(time_point now) const noexcept {
  return scheduler_.spilled().empty() && !paused_ &&
         progress_.progresses(limits_.admission.stall, now);
}

outbox::room outbox::find_room(std::size_t payload_size, bool wants_report,
                               time_point now) const noexcept {
  if (scheduler_.health().state() == journal_state::opening) return room::soon;
  if (!goes_to_tail(payload_size)) return room::there;
  if (waits_for_memory(now)) return room::soon;
  switch (scheduler_.would_take(payload_size, wants_report, now)) {
    case spill_verdict::takes: return room::there;
    case spill_verdict::busy: return room::soon;
    case spill_verdict::too_many_wait:
    case spill_verdict::full: break;
  }
  return room::never;
}

outbox::offer_result outbox::overflow(const new_event& event, time_point now,
                                      time_point waiting_since) {
  switch (decide_overflow(limits_.admission, progress_, now, waiting_since)) {
    case overflow_verdict::wait:
      return {offer_verdict::wait,
              {},
              store::ask_again_at(limits_.admission, progress_, waiting_since)};
    case overflow_verdict::refuse:
      return refuse(limits_.admission.policy == overflow_policy::block
                        ? loss_reason::overflow_block_expired
                        : loss_reason::overflow_drop_newest);
    case overflow_verdict::drop_oldest: break;
  }
  const room made = drop_for(event.payload.size(), must_report(event), now);
  reporter_.report_added();  // before this event's own line is answered
  switch (made) {
    case room::there: break;
    case room::soon: return {offer_verdict::wait, {}, now + room_wait};
    case room::never: return refuse(loss_reason::overflow_drop_newest);
  }
  const offer_result result = admit(event, now);
  reporter_.complete();
  return result;
}

/// Oldest first, and only as many as the new one needs. A disk that has no room to lend gives it by
/// whole segments: as many events as one holds are dropped at once, and the new one waits until
/// that has made room.
outbox::room outbox::drop_for(std::size_t payload_size, bool wants_report, time_point now) {
  const bool is_limit_of_producers =
      scheduler_.would_take(payload_size, wants_report, now) == spill_verdict::too_many_wait;
  // What was promised of the backlog is worth more than a producer's wait for its commit, also when
  // the disk takes long. Only one that has failed may never give back what stands in front.
  if (is_limit_of_producers && goes_to_tail(payload_size) && scheduler_.health().is_healthy()) {
    return room::soon;
  }
  if (scheduler_.spilled().empty()) {
    if (!queue_.fits_after_drops(payload_size)) return room::never;
    drop_until_it_fits(payload_size);
    return room::there;
  }
  if (scheduler_.disk_answers(now)) {
    if (scheduler_.space().makes_room()) return room::soon;
    if (!scheduler_.space().is_full()) return take_place_of_oldest(payload_size, wants_report, now);
    if (drop_oldest(scheduler_.space().events_in_a_segment()) == 0) return room::never;
    scheduler_.space().make_room();
    scheduler_.refill(now);
    reporter_.complete();
    return find_room(payload_size, wants_report, now) == room::there ? room::there : room::soon;
  }
  while (find_room(payload_size, wants_report, now) != room::there) {
    if (drop_oldest(1) == 0) return room::never;
    scheduler_.refill(now);
  }
  return room::there;
}

/// The disk has no room for what memory has taken, or for the end of the backlog: in an outage the
/// oldest make room for that, too, and before a stop in any case. Otherwise the newest would be
/// lost.
void outbox::make_room_for_refused(time_point now, bool closing) {
  if (limits_.admission.policy != overflow_policy::drop_oldest) return;
  const std::uint64_t wanted = scheduler_.refused_bytes();
  const bool is_outage = closing || decide_overflow(limits_.admission, progress_, now, now) ==
                                        overflow_verdict::drop_oldest;
  if (wanted == 0 || !is_outage) return;
  while (scheduler_.space().dropped_bytes() < wanted) {
    const entry* const next = queue_.next_to_drop();
    const bool frees_disk = next == nullptr || next->was_recorded;
    if (!frees_disk || drop_oldest(1) == 0) break;
  }
  if (scheduler_.space().dropped_bytes() >= wanted) scheduler_.space().try_again();
  reporter_.complete();
}

std::optional<journal::journal_job> outbox::next_journal_job(time_point now, bool closing) {
  make_room_for_refused(now, closing);
  return scheduler_.next_job(now, closing);
}

outbox::room outbox::take_place_of_oldest(std::size_t payload_size, bool wants_report,
                                          time_point now) {
  while (!scheduler_.space().has_place_of_dropped(payload_size)) {
    if (drop_oldest(1) == 0) return room::never;
  }
  scheduler_.refill(now);
  reporter_.complete();
  return find_room(payload_size, wants_report, now) == room::there ? room::there : room::soon;
}

outbox::offer_result outbox::admit(const new_event& event, time_point now) {
  const bool was_empty = empty();
  try {
    const may_run_out event_can_be_refused;
    add(event, now);
  } catch (const std::bad_alloc&) {
    return refuse(loss_reason::out_of_memory);
  }
  if (was_empty) progress_.became_busy(now);
  ++counters_.received_events;
  return {offer_verdict::accepted, {}, {}};
}

/// All of it, or nothing and std::bad_alloc.
void outbox::add(const new_event& event, time_point now) {
  const bool waits = event.durable_wanted && durable_waiters_.has_place();
  if (waits) {
    durable_waiters_.add({queue_.last_number() + 1, event.producer, event.line});
  }
  try {
    if (goes_to_tail(event.payload.size())) {
      scheduler_.add_to_spill(event);
    } else {
      queue_.push(event, now);
    }
  } catch (const std::bad_alloc&) {
    if (waits) durable_waiters_.remove_newest();
    throw;
  }
}

outbox::offer_result outbox::refuse(loss_reason reason) {
  ++counters_.received_events;
  ledger_.add(reason);
  return {offer_verdict::refused, reason, {}};
}

void outbox::drop_until_it_fits(std::size_t payload_size) {
  journal::sequence_set gone;
  while (!queue_.fits(payload_size)) {
    const bool dropped = drop_oldest_of_memory(gone);
    VIBES_ASSERT(dropped);
  }
  scheduler_.settle(gone);
}

bool outbox::drop_oldest_of_memory(journal::sequence_set& gone) {
  return queue_.drop_oldest([&](const entry& oldest) {
    gone.add(oldest.sequence);
    scheduler_.space().note_dropped(oldest.payload_size);
    report_lost(oldest, loss_reason::overflow_drop_oldest);
  });
}

/// Memory has the oldest; then come those on disk. Gives how many it could drop.
std::uint64_t outbox::drop_oldest(std::uint64_t events) {
  journal::sequence_set from_memory;
  while (from_memory.count() < events && drop_oldest_of_memory(from_memory)) {
  }
  scheduler_.settle(from_memory);
  const journal::sequence_set from_tail = scheduler_.drop_from_spill(events - from_memory.count());
  lose_from_tail(from_tail, loss_reason::overflow_drop_oldest);
  return from_memory.count() + from_tail.count();
}

void outbox::lose_from_tail(const journal::sequence_set& lost, loss_reason reason) {
  ledger_.add(reason, lost.count());
  for (const journal::sequence_range& range : lost.ranges()) {
    for (sequence_number sequence = range.first; sequence <= range.last; ++sequence) {
      const auto waiting = scheduler_.take_producer(sequence);
      if (waiting.producer.slot == producer_ref::nobody) continue;
      reporter_.add_lost(reason, {waiting.producer, waiting.line});
    }
  }
}

std::optional<time_point> outbox::ask_again_at(time_point now,
                                               time_point waiting_since) const noexcept {
  switch (find_room(0, false, now)) {
    case room::there: return std::nullopt;
    case room::soon: return now + room_wait;
    case room::never: break;
  }
  if (decide_overflow(limits_.admission, progress_, now, waiting_since) != overflow_verdict::wait) {
    const bool drops_on_disk = !scheduler_.spilled().empty() && scheduler_.disk_answers(now) &&
                               limits_.admission.policy == overflow_policy::drop_oldest;
    if (drops_on_disk && scheduler_.space().makes_room()) return now + room_wait;
    return std::nullopt;
  }
  return store::ask_again_at(limits_.admission, progress_, waiting_since);
}

}  // namespace vibes::store
