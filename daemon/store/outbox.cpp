#include "daemon/store/outbox.hpp"

#include <algorithm>
#include <utility>

namespace vibes::store {

namespace {

/// A page from the disk is a small part of what memory holds, so that there is often room for one.
spill_limits tail_limits_of(const queue_limits& queue) noexcept {
  spill_limits limits;
  limits.page.events_max = std::clamp<std::size_t>(queue.events_max / 4, 1, limits.page.events_max);
  limits.page.bytes_max = std::min(queue.bytes_max / 4, limits.page.bytes_max);
  limits.producers_max = queue.events_max;
  return limits;
}

/// As many producers as can wait for events in memory, and once more for events on disk only.
std::size_t durable_waiters_max(const queue_limits& queue) noexcept {
  return 2 * queue.events_max;
}

}  // namespace

outbox::outbox(outbox_limits limits, delivery_listener& listener, time_point now)
    : limits_(limits),
      reporter_(listener),
      queue_(limits.queue),
      scheduler_(queue_, limits.journal, tail_limits_of(limits.queue)),
      batcher_(queue_, limits.batch),
      progress_(now),
      memory_(limits.memory_is_left),
      durable_waiters_(durable_waiters_max(limits.queue)) {}

void outbox::link_up(time_point) {
  progress_.link_up();
}

void outbox::link_down(time_point now) {
  scheduler_.batches().put_back_all(queue_);
  progress_.link_down(now);
}

void outbox::route(std::span<const protocol::partition_id> sorted_ids, protocol::generation gen) {
  scheduler_.batches().put_back_all(queue_);
  queue_.route(sorted_ids, gen);
}

std::optional<batch> outbox::next_batch(time_point now, link_demand demand) {
  if (paused_ && !demand.draining) return std::nullopt;
  if (std::optional<batch> recorded = scheduler_.batches().take_ready(demand.lanes))
    return recorded;
  std::optional<batch> next = batcher_.next(now, demand);
  if (next) {
    counters_.resent_events += next->attempts > 1 ? next->entries.size() : next->sent_before;
  }
  return next;
}

std::optional<time_point> outbox::wake_at(const lane_choice& lanes) const {
  if (paused_) return std::nullopt;
  return batcher_.wake_at(lanes);
}

void outbox::committed(batch&& done, time_point now) {
  progress_.committed(now);
  ++counters_.committed_batches;
  counters_.committed_events += done.entries.size();
  journal::sequence_set numbers;
  for (const entry* each : done.entries) {
    counters_.committed_bytes += each->payload_size;
    numbers.add(each->sequence);
    report_committed(*each);
  }
  scheduler_.settle(numbers);
  queue_.commit(std::move(done));
  scheduler_.refill(now);
  reporter_.complete();
}

void outbox::returned(batch&& back) {
  ++counters_.returned_batches;
  queue_.put_back(std::move(back));
}

void outbox::refused(batch&& back, const protocol::error_code& why, time_point now) {
  if (back.entries.size() > 1) {
    ++counters_.returned_batches;
    queue_.put_back_split(std::move(back));
    return;
  }
  // An answer is progress, even this one: the queue moves.
  progress_.committed(now);
  if (on_refusal_) on_refusal_(*back.entries.front(), why);
  report_lost(*back.entries.front(), loss_reason::refused_by_iggy);
  scheduler_.settle(
      journal::sequence_set({back.entries.front()->sequence, back.entries.front()->sequence}));
  queue_.commit(std::move(back));
  scheduler_.refill(now);
  reporter_.complete();
}

std::vector<sequence_number> outbox::drop(std::span<const sequence_number> ascending) {
  using choice = replay_queue::choice;
  std::vector<sequence_number> gone;
  queue_.drop_chosen(
      [&](const entry& each) {
        const bool is_behind = ascending.empty() || each.sequence > ascending.back();
        if (is_behind && queue_.ascends()) return choice::stop;
        const bool chosen =
            replay_queue::droppable(each) && std::ranges::binary_search(ascending, each.sequence);
        return chosen ? choice::drop : choice::keep;
      },
      [&](const entry& each) {
        gone.push_back(each.sequence);
        report_lost(each, loss_reason::dropped_by_operator);
      });
  journal::sequence_set settled;
  for (const sequence_number each : gone) settled.add(each);
  scheduler_.settle(settled);
  journal::sequence_set on_disk;
  for (const sequence_number each : ascending) {
    if (scheduler_.spilled().events().contains(each)) on_disk.add(each);
  }
  on_disk = scheduler_.drop_from_spill(on_disk, on_disk.count());
  lose_from_tail(on_disk, loss_reason::dropped_by_operator);
  for (const sequence_number each : ascending) {
    if (on_disk.contains(each)) gone.push_back(each);
  }
  std::ranges::sort(gone);
  reporter_.complete();
  return gone;
}

std::uint64_t outbox::drop_up_to(sequence_number last, std::uint64_t events_max) {
  using choice = replay_queue::choice;
  std::uint64_t dropped = 0;
  journal::sequence_set settled;
  queue_.drop_chosen(
      [&](const entry& each) {
        const bool is_behind = each.sequence > last;
        if (dropped == events_max || (is_behind && queue_.ascends())) return choice::stop;
        return !is_behind && replay_queue::droppable(each) ? choice::drop : choice::keep;
      },
      [&](const entry& each) {
        ++dropped;
        settled.add(each.sequence);
        report_lost(each, loss_reason::dropped_by_operator);
      });
  scheduler_.settle(settled);
  if (last > 0) {
    const journal::sequence_set on_disk = scheduler_.drop_from_spill(
        journal::sequence_set({1, std::min<sequence_number>(last, journal::sequence_max)}),
        events_max - dropped);
    lose_from_tail(on_disk, loss_reason::dropped_by_operator);
    dropped += on_disk.count();
  }
  reporter_.complete();
  return dropped;
}

void outbox::journal_done(journal::journal_outcome&& outcome, time_point now) {
  if (empty()) progress_.became_busy(now);
  const journal_scheduler::effects made = scheduler_.take(std::move(outcome), now);
  ledger_.add(loss_reason::journal_damage, made.lost_before_start);
  lose_from_tail(made.lost, loss_reason::journal_damage);
  report_durable();
  reporter_.complete();
}

void outbox::report_committed(const entry& done) {
  if (done.producer.slot != producer_ref::nobody) {
    return reporter_.add(delivery_outcome::committed, {done.producer, done.line});
  }
  // It was on disk only, without a place for its producer, and the disk never called it durable.
  const ack_waiter waiter = durable_waiters_.take(done.sequence);
  if (waiter.producer.slot == producer_ref::nobody) return;
  reporter_.add(delivery_outcome::committed, {waiter.producer, waiter.line});
}

void outbox::report_durable() {
  durable_waiters_.take_through(scheduler_.status().durable_through, [&](const ack_waiter& waiter) {
    reporter_.add(delivery_outcome::durable, {waiter.producer, waiter.line});
  });
}

left_behind outbox::give_up_rest() {
  scheduler_.batches().put_back_all(queue_);
  left_behind left;
  const std::uint64_t queued = queued_events();
  const scheduler_rest rest = scheduler_.give_up_spill();
  left.events_on_disk = rest.events_on_disk;
  left.lost_events = queued - left.events_on_disk;
  const bool disk_has_recorded = scheduler_.health().is_healthy();
  queue_.clear([&](const entry& gone) {
    if (!disk_has_recorded || !gone.was_recorded) report_lost(gone, loss_reason::left_at_stop);
  });
  lose_from_tail(rest.unwritten_tail, loss_reason::left_at_stop);
  counters_.left_on_disk_events = left.events_on_disk;
  left.losses = ledger_;
  reporter_.complete();
  return left;
}

void outbox::report_lost(const entry& gone, loss_reason reason) {
  ledger_.add(reason);
  if (gone.producer.slot != producer_ref::nobody) {
    reporter_.add_lost(reason, {gone.producer, gone.line});
  }
}

}  // namespace vibes::store
