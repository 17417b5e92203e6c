#include "daemon/store/journal_scheduler.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/assert.hpp"

// What the outbox and the link ask of the scheduler. Jobs are in journal_scheduler_jobs.cpp.

namespace vibes::store {

journal_scheduler::journal_scheduler(replay_queue& queue,
                                     std::optional<scheduler_settings> settings,
                                     spill_limits limits)
    : queue_(queue),
      settings_(settings.value_or(scheduler_settings{})),
      health_({settings.has_value(), settings_.journal.sync == journal::sync_policy::every_group,
               settings_.reopen_min, settings_.reopen_max}),
      spill_(limits),
      space_({settings_.journal, settings_.job_bytes_max, settings_.full_wait}),
      releases_(settings_.release_wait),
      read_at_(time_point::min()) {}

bool journal_scheduler::disk_answers(time_point now) const noexcept {
  return health_.is_healthy() && !job_.hangs(now, settings_.hung_after);
}

journal::sequence_set journal_scheduler::drop_from_spill(std::uint64_t events) {
  journal::sequence_set dropped;
  for (auto at = spill_.events().next(1); at && events > 0; at = spill_.events().next(*at + 1)) {
    if (sent_.contains(*at)) continue;
    dropped.add(*at);
    --events;
  }
  space_.note_dropped_on_disk(dropped.count());
  take_out(dropped);
  return dropped;
}

journal::sequence_set journal_scheduler::drop_from_spill(const journal::sequence_set& among,
                                                         std::uint64_t events) {
  journal::sequence_set droppable = spill_.events().intersection(among);
  droppable.subtract(sent_);
  journal::sequence_set dropped;
  for (const journal::sequence_range& each : droppable.ranges()) {
    if (events == 0) break;
    const std::uint64_t taken = std::min(events, each.last - each.first + 1);
    dropped.add({each.first, each.first + taken - 1});
    events -= taken;
  }
  take_out(dropped);
  if (!dropped.empty()) releases_.hurry();
  return dropped;
}

void journal_scheduler::take_out(const journal::sequence_set& dropped) {
  spill_.remove(dropped);
  releases_.add(dropped);
}

void journal_scheduler::settle(const journal::sequence_set& ended) {
  if (!health_.is_off()) releases_.add(ended);
}

bool journal_scheduler::memory_has_room() const noexcept {
  const queue_usage usage = queue_.usage();
  const queue_limits& limits = queue_.limits();
  const journal::read_limits& page = spill_.limits().page;
  return queue_.fits(wanted_payload_) &&
         (usage.events == 0 || (usage.events + page.events_max <= limits.events_max &&
                                usage.bytes + page.bytes_max <= limits.bytes_max));
}

void journal_scheduler::refill(time_point now) {
  while (!spill_.empty() && memory_has_room()) {
    std::optional<journal::record_group> page = spill_.take_pending_page();
    if (!page) return;
    const journal::sequence_set moved =
        move_to_memory(std::as_const(*page).bytes(), journal::sequence_max, false, now);
    if (moved.count() == page->events()) continue;
    journal::record_group rest;
    journal::for_each_record(std::as_const(*page).bytes(), [&](const journal::record_header& header,
                                                               protocol::const_bytes record) {
      if (!moved.contains(header.sequence)) rest.add(*journal::decode_event(record));
    });
    return spill_.give_back_page(std::move(rest));
  }
}

/// Those events of the records that are at the front of the tail, as far as there is room.
journal::sequence_set journal_scheduler::move_to_memory(protocol::const_bytes records,
                                                        sequence_number end, bool recorded,
                                                        time_point now) {
  journal::sequence_set moved;
  bool found_room = true;
  journal::for_each_record(
      records, [&](const journal::record_header& header, protocol::const_bytes record) {
        if (!found_room || header.sequence >= end || !spill_.events().contains(header.sequence))
          return;
        const journal::event_record event = *journal::decode_event(record);
        found_room = queue_.fits(event.payload.size());
        wanted_payload_ = found_room ? 0 : event.payload.size();
        if (!found_room) return;
        const ack_waiter waiting = spill_.take_producer(event.sequence);
        new_event back;
        back.id = event.id;
        back.session = event.session;
        back.origin_time_us = event.origin_time_us;
        back.payload = {reinterpret_cast<const char*>(event.payload.data()), event.payload.size()};
        back.producer = waiting.producer;
        back.line = waiting.line;
        back.ack_wanted = waiting.ack_wanted;
        queue_.push_stored(back, event.sequence, now, recorded);
        spill_.front_passed(event.origin_time_us);
        moved.add(event.sequence);
      });
  spill_.remove(moved);
  sent_.subtract(moved);
  return moved;
}

bool journal_scheduler::record(batch& wanted) {
  if (!health_.is_healthy() || space_.is_full() || wanted.recorded == batch_recorded::yes ||
      !wanted.producer)
    return false;
  const bool ascends = std::ranges::is_sorted(wanted.entries, {}, &entry::sequence);
  if (!ascends) return false;  // after the disk was late: such a batch has no record
  batches_.add(std::move(wanted));
  return true;
}

bool journal_scheduler::is_flushed() noexcept {
  if (job_.is_out()) return false;
  if (!health_.is_healthy()) return true;
  if (!releases_.empty()) return false;
  if (!space_.is_full_for_good() && (spill_.has_pending() || queue_.first_unrecorded() != nullptr))
    return false;
  return marked_returned_;
}

bool journal_scheduler::has_all_events() noexcept {
  return health_.is_healthy() && !job_.is_out() && !spill_.has_pending() &&
         queue_.first_unrecorded() == nullptr;
}

scheduler_rest journal_scheduler::give_up_spill() {
  scheduler_rest rest{spill_.count(), spill_.pending()};
  rest.events_on_disk -= rest.unwritten_tail.count();
  if (health_.is_healthy()) {
    queue_.for_each([&](const entry& each) { rest.events_on_disk += each.was_recorded ? 1 : 0; });
  }
  spill_.remove(journal::sequence_set(spill_.events()));
  return rest;
}

}  // namespace vibes::store
