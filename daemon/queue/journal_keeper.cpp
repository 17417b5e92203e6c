#include "daemon/queue/journal_keeper.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/assert.hpp"

// What the outbox and the link ask of the keeper. Jobs are in journal_keeper_jobs.cpp.

namespace vibes::queue {
namespace {

/// What the release of an older event and a new segment's beginning add to a new event.
constexpr std::uint64_t place_overhead_bytes = 64;

constexpr std::uint64_t place_of(std::size_t payload_size) noexcept {
  return event_overhead_bytes + payload_size + place_overhead_bytes;
}

}  // namespace

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

/// What events may still take on the disk. Bytes that are not live count too, as long as moving
/// what is live would not pay.
std::uint64_t journal_keeper::free_bytes() const noexcept {
  const std::uint64_t limit =
      usage_.bytes_cap - std::min(usage_.bytes_cap, settings_.journal.reserve_bytes);
  const std::uint64_t live_limit = limit / 4 * 3;
  return std::max(limit - std::min(limit, usage_.bytes),
                  live_limit - std::min(live_limit, usage_.live_bytes));
}

std::uint64_t journal_keeper::room_bytes() const noexcept {
  const std::uint64_t free = free_bytes();
  return free - std::min<std::uint64_t>(free, tail_.pending_bytes() + job_bytes_);
}

/// The journal takes the events of a job whole or not at all. Near its cap it lends room for
/// little at a time, so more at once would be refused whatever is dropped for it.
std::size_t journal_keeper::records_bytes_max() const noexcept {
  if (free_bytes() >= settings_.job_bytes_max) return settings_.job_bytes_max;
  return std::min<std::size_t>(settings_.job_bytes_max, settings_.journal.reserve_bytes / 8);
}

journal_keeper::tail_verdict journal_keeper::would_take(std::size_t payload_size, bool must_tell,
                                                        time_point now) const {
  if (state_ == journal_state::off || state_ == journal_state::opening) return tail_verdict::full;
  if (must_tell && !tail_.has_place_for_producer()) return tail_verdict::too_many_wait;
  const std::size_t bytes = event_overhead_bytes + payload_size;
  const std::size_t pending_max = tail_.limits().pending_bytes_max;
  if (disk_answers(now)) {
    if (full_ || (room_bytes() < bytes && !has_place_of_dropped(payload_size))) {
      return tail_verdict::full;
    }
    const bool fits = !tail_.has_pending() || tail_.pending_bytes() + bytes <= pending_max;
    return fits ? tail_verdict::takes : tail_verdict::busy;
  }
  // What is already in the tail has to stay in front. With the disk away, memory and what waits for
  // the disk share their limits.
  const bool fits = queue_.usage().bytes + tail_.pending_bytes() + entry_cost_bytes(payload_size) <=
                    queue_.limits().bytes_max + pending_max;
  return !tail_.empty() && fits ? tail_verdict::takes : tail_verdict::full;
}

bool journal_keeper::has_place_of_dropped(std::size_t payload_size) const noexcept {
  return dropped_bytes_ >= place_of(payload_size);
}

std::uint64_t journal_keeper::refused_bytes() const noexcept {
  if (!full_ || job_out_ || state_ != journal_state::healthy) return 0;
  const std::size_t bytes_max = records_bytes_max();
  std::uint64_t bytes = 0;
  queue_.visit_unrecorded([&](const entry& each) {
    bytes += place_of(each.payload_size);
    return bytes < bytes_max;
  });
  if (bytes > 0) return bytes;
  bytes = tail_.pending_bytes() + tail_.pending_events() * place_overhead_bytes;
  return std::min<std::uint64_t>(bytes, bytes_max);
}

/// Beside this job. Of interest only while the journal holds more than it may.
std::uint64_t journal_keeper::bytes_to_come() {
  if (usage_.bytes_cap <= settings_.journal.bytes_max) return 0;
  std::uint64_t bytes = tail_.pending_bytes() + tail_.pending_events() * place_overhead_bytes;
  queue_.visit_unrecorded([&](const entry& each) {
    bytes += place_of(each.payload_size);
    return true;
  });
  return bytes;
}

void journal_keeper::try_again() noexcept {
  full_ = false;
  settle_now_ = true;
  dropped_bytes_ = 0;
}

/// Also when it was not written yet: then it need not be.
void journal_keeper::note_dropped(const entry& gone) noexcept {
  dropped_bytes_ += event_overhead_bytes + gone.payload_size;
}

sequence journal_keeper::add_to_tail(const new_event& event) {
  const std::size_t size = event.payload.size();
  const bool takes_place = room_bytes() < event_overhead_bytes + size;
  tail_.add(event, queue_.last_number() + 1);
  dropped_bytes_ = takes_place ? dropped_bytes_ - std::min(dropped_bytes_, place_of(size)) : 0;
  const sequence number = queue_.claim_number();
  ++counters_.spilled_events;
  return number;
}

std::uint64_t journal_keeper::bytes_of_an_event() const noexcept {
  if (usage_.live_events == 0) return settings_.journal.segment_bytes;
  return std::max<std::uint64_t>(1, usage_.live_bytes / usage_.live_events);
}

std::uint64_t journal_keeper::events_in_a_segment() const noexcept {
  return std::max<std::uint64_t>(1, settings_.journal.segment_bytes / bytes_of_an_event());
}

void journal_keeper::make_room() noexcept {
  settle_now_ = true;
  room_after_job_ = counters_.jobs + 1;
}

sequence_set journal_keeper::drop_from_tail(std::uint64_t events) {
  sequence_set dropped;
  for (auto at = tail_.events().next(1); at && events > 0; at = tail_.events().next(*at + 1)) {
    if (sent_.contains(*at)) continue;
    dropped.add(*at);
    --events;
  }
  dropped_bytes_ += dropped.count() * bytes_of_an_event();
  take_out(dropped);
  return dropped;
}

sequence_set journal_keeper::drop_from_tail(const sequence_set& among, std::uint64_t events) {
  sequence_set droppable = tail_.events().intersection(among);
  droppable.subtract(sent_);
  sequence_set dropped;
  for (const sequence_range& each : droppable.ranges()) {
    if (events == 0) break;
    const std::uint64_t taken = std::min(events, each.last - each.first + 1);
    dropped.add({each.first, each.first + taken - 1});
    events -= taken;
  }
  take_out(dropped);
  settle_now_ = settle_now_ || !dropped.empty();
  return dropped;
}

void journal_keeper::take_out(const sequence_set& dropped) {
  tail_.remove(dropped);
  settled_.unite(dropped);
}

void journal_keeper::settle(const sequence_set& ended) {
  if (state_ != journal_state::off) settled_.unite(ended);
}

bool journal_keeper::memory_has_room() const noexcept {
  const queue_usage usage = queue_.usage();
  const queue_limits& limits = queue_.limits();
  const read_limits& page = tail_.limits().page;
  return queue_.fits(wanted_payload_) &&
         (usage.events == 0 || (usage.events + page.events_max <= limits.events_max &&
                                usage.bytes + page.bytes_max <= limits.bytes_max));
}

void journal_keeper::refill(time_point now) {
  while (!tail_.empty() && memory_has_room()) {
    std::optional<record_group> page = tail_.take_pending_page();
    if (!page) return;
    const sequence_set moved =
        move_to_memory(std::as_const(*page).bytes(), sequence_max, false, now);
    if (moved.count() == page->events()) continue;
    record_group rest;
    for_each_record(std::as_const(*page).bytes(),
                    [&](const record_header& header, const_bytes record) {
                      if (!moved.contains(header.sequence)) rest.add(*decode_event(record));
                    });
    return tail_.give_back_page(std::move(rest));
  }
}

/// Those events of the records that are at the front of the tail, as far as there is room.
sequence_set journal_keeper::move_to_memory(const_bytes records, sequence end, bool recorded,
                                            time_point now) {
  sequence_set moved;
  bool found_room = true;
  for_each_record(records, [&](const record_header& header, const_bytes record) {
    if (!found_room || header.sequence >= end || !tail_.events().contains(header.sequence)) return;
    const event_record event = *decode_event(record);
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

sequence_set journal_keeper::pending_in_tail() const {
  if (!tail_.has_pending()) return {};
  sequence_set pending = tail_.events();
  pending.subtract(sequence_set({1, tail_.disk_end() - 1}));
  return pending;
}

sequence_set journal_keeper::give_up_tail() {
  sequence_set pending = pending_in_tail();
  tail_.remove(sequence_set(tail_.events()));
  return pending;
}

}  // namespace vibes::queue
