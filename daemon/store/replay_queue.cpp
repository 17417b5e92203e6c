#include "daemon/store/replay_queue.hpp"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

#include "daemon/base/assert.hpp"

namespace vibes::store {
namespace {

entry* make_entry(const new_event& event) {
  void* memory = ::operator new(sizeof(entry) + event.payload.size());
  entry* made = new (memory) entry;
  made->id = event.id;
  made->session = event.session;
  made->origin_time_us = event.origin_time_us;
  made->producer = event.producer;
  made->origin = event.origin;
  made->line = event.line;
  made->ack_wanted = event.ack_wanted;
  made->payload_size = static_cast<std::uint32_t>(event.payload.size());
  std::ranges::copy(std::as_bytes(std::span(event.payload)),
                    reinterpret_cast<std::byte*>(made + 1));
  return made;
}

void destroy_entry(entry* gone) {
  gone->~entry();
  ::operator delete(gone);
}

}  // namespace

replay_queue::replay_queue(queue_limits limits)
    : limits_(limits), drop_cursor_(order_.end()), record_cursor_(order_.end()), lanes_(1) {}

replay_queue::~replay_queue() {
  for (lane_state& each : lanes_) each.queued.clear();
  order_.clear_and_dispose(destroy_entry);
}

bool replay_queue::fits(std::size_t payload_size) const noexcept {
  return usage_.events < limits_.events_max &&
         usage_.bytes + entry_cost_bytes(payload_size) <= limits_.bytes_max;
}

bool replay_queue::fits_after_drops(std::size_t payload_size) const noexcept {
  return usage_.sent_events < limits_.events_max &&
         usage_.sent_bytes + entry_cost_bytes(payload_size) <= limits_.bytes_max;
}

sequence_number replay_queue::push(const new_event& event, time_point now) {
  // A number that is given out and never used would count as lost by the next process.
  entry& made = add(event, last_number_ + 1, now);
  ++last_number_;
  enqueue(made);
  return made.sequence;
}

entry& replay_queue::add(const new_event& event, sequence_number sequence, time_point now) {
  VIBES_ASSERT(fits(event.payload.size()));
  entry* made = make_entry(event);
  made->sequence = sequence;
  made->arrived_at = now;
  ascends_ = order_.empty() || (ascends_ && order_.back().sequence < sequence);
  order_.push_back(*made);
  if (drop_cursor_ == order_.end()) drop_cursor_ = order_.iterator_to(*made);
  if (record_cursor_ == order_.end()) record_cursor_ = order_.iterator_to(*made);
  ++usage_.events;
  usage_.bytes += entry_cost_bytes(made->payload_size);
  return *made;
}

lane_view replay_queue::lane(std::size_t index) const noexcept {
  const lane_state& from = lanes_[index];
  return {from.queued.size(),     from.queued_bytes,
          from.ack_wanted,        from.queued.empty() ? nullptr : &from.queued.front(),
          !from.returned.empty(), from.busy,
          from.held_by > 0,       from.returned.empty() ? 0 : from.returned.front().cost_bytes};
}

batch replay_queue::take(std::size_t index, std::size_t events_max, std::size_t bytes_max) {
  VIBES_ASSERT(routed());
  lane_state& from = lanes_[index];
  VIBES_ASSERT(!from.busy);
  batch taken;
  if (!from.returned.empty()) {
    taken = std::move(from.returned.front());
    from.returned.pop_front();
    for (entry* each : taken.entries) each->state = entry_state::in_flight;
  } else {
    VIBES_ASSERT(!from.queued.empty() && from.held_by == 0);
    taken.partition = partitions_[index];
    taken.lane = index;
    taken.entries.reserve(std::min(from.queued.size(), events_max));
    while (!from.queued.empty() && taken.entries.size() < events_max) {
      entry& next = from.queued.front();
      const std::size_t cost = entry_cost_bytes(next.payload_size);
      if (!taken.entries.empty() && taken.cost_bytes + cost > bytes_max) break;
      dequeue(next);
      next.state = entry_state::in_flight;
      if (next.was_sent) {
        ++taken.sent_before;
      } else {
        next.was_sent = true;
        ++usage_.sent_events;
        usage_.sent_bytes += cost;
      }
      taken.cost_bytes += cost;
      taken.entries.push_back(&next);
    }
    usage_.unsettled_events += taken.entries.size();
    usage_.unsettled_bytes += taken.cost_bytes;
  }
  ++taken.attempts;
  from.busy = true;
  return taken;
}

void replay_queue::commit(batch&& done) {
  lanes_[done.lane].busy = false;
  let_go(done);
  usage_.unsettled_events -= done.entries.size();
  usage_.unsettled_bytes -= done.cost_bytes;
  for (entry* each : done.entries) erase(each);
  done.entries.clear();
}

void replay_queue::put_back(batch&& back) {
  lane_state& to = lanes_[back.lane];
  to.busy = false;
  for (entry* each : back.entries) each->state = entry_state::returned;
  to.returned.push_front(std::move(back));
}

void replay_queue::put_back_split(batch&& back) {
  VIBES_ASSERT(back.entries.size() >= 2);
  let_go(back);
  batch first{back.partition, back.lane, {}};
  batch second = first;
  const std::size_t half = back.entries.size() / 2;
  for (std::size_t i = 0; i < back.entries.size(); ++i) {
    batch& to = i < half ? first : second;
    to.entries.push_back(back.entries[i]);
    to.cost_bytes += entry_cost_bytes(back.entries[i]->payload_size);
  }
  for (batch* each : {&second, &first}) {
    hold_lanes(*each);
    put_back(std::move(*each));
  }
}

replay_queue::order_list::const_iterator replay_queue::first_after(
    sequence_number after) const noexcept {
  if (order_.empty() || order_.back().sequence <= after) return order_.end();
  auto at = order_.begin();
  if (order_.back().sequence - after > after - std::min(after, order_.front().sequence)) {
    while (at->sequence <= after) ++at;
    return at;
  }
  at = order_.end();
  while (at != order_.begin() && std::prev(at)->sequence > after) --at;
  return at;
}

std::vector<const entry*> replay_queue::sorted_after(sequence_number after) const {
  std::vector<const entry*> found;
  for (const entry& each : order_) {
    if (each.sequence > after) found.push_back(&each);
  }
  std::ranges::sort(found, {}, &entry::sequence);
  return found;
}

const entry* replay_queue::find(sequence_number wanted) const {
  if (wanted == 0) return nullptr;
  const entry* found = nullptr;
  visit_after(wanted - 1, [&](const entry& each) {
    if (each.sequence == wanted) found = &each;
    return false;
  });
  return found;
}

void replay_queue::enqueue(entry& added) {
  lane_state& to = lanes_[lane_of(added)];
  to.queued.push_back(added);
  to.queued_bytes += entry_cost_bytes(added.payload_size);
  to.ack_wanted += added.ack_wanted ? 1 : 0;
}

void replay_queue::dequeue(entry& taken) {
  lane_state& from = lanes_[lane_of(taken)];
  from.queued.erase(from.queued.iterator_to(taken));
  from.queued_bytes -= entry_cost_bytes(taken.payload_size);
  from.ack_wanted -= taken.ack_wanted ? 1 : 0;
}

entry* replay_queue::oldest_droppable() noexcept {
  while (drop_cursor_ != order_.end() && drop_cursor_->was_sent) ++drop_cursor_;
  return drop_cursor_ == order_.end() ? nullptr : &*drop_cursor_;
}

void replay_queue::drop(entry* gone) {
  dequeue(*gone);
  erase(gone);
}

void replay_queue::erase(entry* gone) {
  const std::size_t cost = entry_cost_bytes(gone->payload_size);
  --usage_.events;
  usage_.bytes -= cost;
  if (gone->was_sent) {
    --usage_.sent_events;
    usage_.sent_bytes -= cost;
  }
  const auto at = order_.iterator_to(*gone);
  if (drop_cursor_ == at) ++drop_cursor_;
  if (record_cursor_ == at) ++record_cursor_;
  order_.erase_and_dispose(at, destroy_entry);
}

void replay_queue::settle(const batch& ended, entry_state state) {
  usage_.unsettled_events -= ended.entries.size();
  usage_.unsettled_bytes -= ended.cost_bytes;
  for (entry* each : ended.entries) each->state = state;
}

void replay_queue::forget_lanes() {
  for (lane_state& each : lanes_) {
    VIBES_ASSERT(!each.busy);
    each.queued.clear();
    for (const batch& returned : each.returned) settle(returned, entry_state::queued);
    each = lane_state{};
  }
  for (const restored_batch& each : std::exchange(restored_, {})) {
    settle(each.made, entry_state::queued);
  }
}

}  // namespace vibes::store
