#include "daemon/store/journal_keeper.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/assert.hpp"

// What the outbox and the link ask of the keeper. Jobs are in journal_keeper_jobs.cpp.

namespace vibes::store {

std::string_view to_string(journal_state state) noexcept {
  switch (state) {
    case journal_state::off: return "off";
    case journal_state::opening: return "opening";
    case journal_state::healthy: return "healthy";
    case journal_state::failed: return "failed";
  }
  return "unknown";
}

journal_keeper::journal_keeper(replay_queue& queue, std::optional<keeper_settings> settings,
                               tail_limits limits)
    : queue_(queue),
      settings_(settings.value_or(keeper_settings{})),
      state_(settings ? journal_state::opening : journal_state::off),
      tail_(limits),
      open_at_(time_point::min()),
      reopen_wait_(settings_.reopen_min),
      read_at_(time_point::min()) {}

bool journal_keeper::disk_answers(time_point now) const noexcept {
  return state_ == journal_state::healthy &&
         !(job_out_ && now - job_since_ >= settings_.hung_after);
}

journal::sequence_set journal_keeper::drop_from_tail(std::uint64_t events) {
  journal::sequence_set dropped;
  for (auto at = tail_.events().next(1); at && events > 0; at = tail_.events().next(*at + 1)) {
    if (sent_.contains(*at)) continue;
    dropped.add(*at);
    --events;
  }
  dropped_bytes_ += dropped.count() * bytes_of_an_event();
  take_out(dropped);
  return dropped;
}

journal::sequence_set journal_keeper::drop_from_tail(const journal::sequence_set& among,
                                                     std::uint64_t events) {
  journal::sequence_set droppable = tail_.events().intersection(among);
  droppable.subtract(sent_);
  journal::sequence_set dropped;
  for (const journal::sequence_range& each : droppable.ranges()) {
    if (events == 0) break;
    const std::uint64_t taken = std::min(events, each.last - each.first + 1);
    dropped.add({each.first, each.first + taken - 1});
    events -= taken;
  }
  take_out(dropped);
  settle_now_ = settle_now_ || !dropped.empty();
  return dropped;
}

void journal_keeper::take_out(const journal::sequence_set& dropped) {
  tail_.remove(dropped);
  settled_.unite(dropped);
}

void journal_keeper::settle(const journal::sequence_set& ended) {
  if (state_ != journal_state::off) settled_.unite(ended);
}

bool journal_keeper::memory_has_room() const noexcept {
  const queue_usage usage = queue_.usage();
  const queue_limits& limits = queue_.limits();
  const journal::read_limits& page = tail_.limits().page;
  return queue_.fits(wanted_payload_) &&
         (usage.events == 0 || (usage.events + page.events_max <= limits.events_max &&
                                usage.bytes + page.bytes_max <= limits.bytes_max));
}

void journal_keeper::refill(time_point now) {
  while (!tail_.empty() && memory_has_room()) {
    std::optional<journal::record_group> page = tail_.take_pending_page();
    if (!page) return;
    const journal::sequence_set moved =
        move_to_memory(std::as_const(*page).bytes(), journal::sequence_max, false, now);
    if (moved.count() == page->events()) continue;
    journal::record_group rest;
    journal::for_each_record(std::as_const(*page).bytes(), [&](const journal::record_header& header,
                                                               protocol::const_bytes record) {
      if (!moved.contains(header.sequence)) rest.add(*journal::decode_event(record));
    });
    return tail_.give_back_page(std::move(rest));
  }
}

/// Those events of the records that are at the front of the tail, as far as there is room.
journal::sequence_set journal_keeper::move_to_memory(protocol::const_bytes records, sequence end,
                                                     bool recorded, time_point now) {
  journal::sequence_set moved;
  bool found_room = true;
  journal::for_each_record(
      records, [&](const journal::record_header& header, protocol::const_bytes record) {
        if (!found_room || header.sequence >= end || !tail_.events().contains(header.sequence))
          return;
        const journal::event_record event = *journal::decode_event(record);
        found_room = queue_.fits(event.payload.size());
        wanted_payload_ = found_room ? 0 : event.payload.size();
        if (!found_room) return;
        const disk_tail::waiting_producer waiting = tail_.take_producer(event.sequence);
        new_event back;
        back.id = event.id;
        back.session = event.session;
        back.origin_time_us = event.origin_time_us;
        back.payload = {reinterpret_cast<const char*>(event.payload.data()), event.payload.size()};
        back.producer = waiting.producer;
        back.line = waiting.line;
        back.ack_wanted = waiting.ack_wanted;
        queue_.push_stored(back, event.sequence, now, recorded);
        tail_.front_passed(event.origin_time_us);
        moved.add(event.sequence);
      });
  tail_.remove(moved);
  sent_.subtract(moved);
  return moved;
}

bool journal_keeper::record(batch& wanted) {
  if (state_ != journal_state::healthy || full_ || wanted.recorded == batch_recorded::yes ||
      !wanted.producer)
    return false;
  const bool ascends = std::ranges::is_sorted(wanted.entries, {}, &entry::number);
  if (!ascends) return false;  // after the disk was late: such a batch has no record
  unrecorded_batches_.push_back(std::move(wanted));
  return true;
}

std::optional<batch> journal_keeper::take_recorded(const lane_choice& lanes) {
  const auto found =
      std::ranges::find_if(ready_batches_, [&](const batch& each) { return lanes.has(each.lane); });
  if (found == ready_batches_.end()) return std::nullopt;
  std::optional<batch> taken = std::move(*found);
  ready_batches_.erase(found);
  return taken;
}

void journal_keeper::put_back_batches() {
  for (std::vector<batch>* each : {&unrecorded_batches_, &batches_out_, &ready_batches_}) {
    for (batch& back : *each) queue_.put_back(std::move(back));
    each->clear();
  }
}

bool journal_keeper::is_flushed() noexcept {
  if (job_out_) return false;
  if (state_ != journal_state::healthy) return true;
  if (!settled_.empty()) return false;
  const bool takes_no_more = full_ && closing_found_no_room_;
  if (!takes_no_more && (tail_.has_pending() || queue_.first_unrecorded() != nullptr)) return false;
  return marked_returned_;
}

bool journal_keeper::has_all_events() noexcept {
  return state_ == journal_state::healthy && !job_out_ && !tail_.has_pending() &&
         queue_.first_unrecorded() == nullptr;
}

std::uint64_t journal_keeper::events_on_disk() const noexcept {
  std::uint64_t events = tail_.count() - std::min(tail_.count(), tail_.pending_events());
  if (state_ != journal_state::healthy) return events;
  queue_.for_each([&](const entry& each) { events += each.was_recorded ? 1 : 0; });
  return events;
}

journal::sequence_set journal_keeper::pending_in_tail() const {
  if (!tail_.has_pending()) return {};
  journal::sequence_set pending = tail_.events();
  pending.subtract(journal::sequence_set({1, tail_.disk_end() - 1}));
  return pending;
}

journal::sequence_set journal_keeper::give_up_tail() {
  journal::sequence_set pending = pending_in_tail();
  tail_.remove(journal::sequence_set(tail_.events()));
  return pending;
}

}  // namespace vibes::store
