#include "tests/unit/store/queue_model.hpp"

#include <algorithm>

#include "protocol/partitioning.hpp"
#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {
namespace {

const model_event& event_at(const std::vector<model_event>& live, store::sequence_number sequence) {
  const auto found = std::ranges::lower_bound(live, sequence, {}, &model_event::sequence);
  expect(found != live.end() && found->sequence == sequence, "an event that is not live is used");
  return *found;
}

bool is_live(const std::vector<model_event>& live, store::sequence_number sequence) {
  return std::ranges::binary_search(live, sequence, {}, &model_event::sequence);
}

}  // namespace

bool order_witness::holds(const attempt& in, store::sequence_number sequence) const {
  return std::ranges::find(in.events, sequence, &sent_event::sequence) != in.events.end();
}

void order_witness::handed_out(const model_batch& sent, const std::vector<model_event>& live) {
  attempt made{sent.partition, {}};
  for (const store::sequence_number sequence : sent.numbers) {
    const protocol::session_hash session = event_at(live, sequence).session;
    made.events.push_back({session, sequence});
    const auto newest = newest_.find(session);
    expect(newest == newest_.end() || newest->second < sequence,
           "a newer event of the session is committed already");
    for (const attempt& earlier : attempts_) {
      if (holds(earlier, sequence)) continue;
      for (const sent_event& other : earlier.events) {
        expect(other.session != session || other.sequence < sequence,
               "a newer event of the session may be with Iggy already");
      }
    }
  }
  attempts_.push_back(std::move(made));
}

void order_witness::refused(const model_batch& back) {
  // Known not to be applied, this time; an earlier try of the same batch may have been.
  const auto same = [&](const attempt& each) {
    return each.partition == back.partition &&
           std::ranges::equal(each.events, back.numbers, {}, &sent_event::sequence);
  };
  const auto last = std::ranges::find_if(attempts_.rbegin(), attempts_.rend(), same);
  if (last != attempts_.rend()) attempts_.erase(std::prev(last.base()));
}

void order_witness::committed(const model_batch& done, const std::vector<model_event>& live) {
  for (const store::sequence_number sequence : done.numbers) {
    store::sequence_number& newest = newest_[event_at(live, sequence).session];
    newest = std::max(newest, sequence);
  }
  std::erase_if(attempts_, [&](const attempt& each) {
    return std::ranges::none_of(each.events, [&](const sent_event& event) {
      return is_live(live, event.sequence) && std::ranges::count(done.numbers, event.sequence) == 0;
    });
  });
}

bool queue_model::fits(std::size_t payload_size) const {
  std::size_t bytes = store::entry_cost_bytes(payload_size);
  for (const model_event& each : events_) bytes += store::entry_cost_bytes(each.payload.size());
  return events_.size() + 1 <= limits_.events_max && bytes <= limits_.bytes_max;
}

void queue_model::push(model_event event) {
  events_.push_back(std::move(event));
}

void queue_model::route(std::vector<protocol::partition_id> ids, protocol::generation gen) {
  if (ids == ids_ && gen == gen_) return;
  std::vector<model_batch> kept;
  for (model_batch& each : returned_) {
    if (gen == gen_ && std::ranges::count(ids, each.partition) > 0) {
      kept.push_back(std::move(each));
      continue;
    }
    for (const store::sequence_number sequence : each.numbers) {
      find(sequence).state = store::entry_state::queued;
    }
  }
  returned_ = std::move(kept);
  ids_ = std::move(ids);
  gen_ = gen;
}

bool queue_model::can_take(std::size_t lane) const {
  if (ids_.empty() || std::ranges::count(out_, ids_[lane], &model_batch::partition) > 0)
    return false;
  if (std::ranges::count(returned_, ids_[lane], &model_batch::partition) > 0) return true;
  return !is_held(lane) && std::ranges::any_of(events_, [&](const model_event& each) {
    return each.state == store::entry_state::queued && lane_of(each) == lane;
  });
}

bool queue_model::is_held(std::size_t lane) const {
  const auto parted = [&](const model_batch& each) {
    return each.partition != ids_[lane] && std::ranges::any_of(each.numbers, [&](auto sequence) {
             return lane_of(at(sequence)) == lane;
           });
  };
  return std::ranges::any_of(returned_, parted) || std::ranges::any_of(out_, parted);
}

model_batch queue_model::take(std::size_t lane, std::size_t events_max, std::size_t bytes_max) {
  model_batch taken;
  const auto returned = std::ranges::find(returned_, ids_[lane], &model_batch::partition);
  if (returned != returned_.end()) {
    taken = std::move(*returned);
    returned_.erase(returned);
  } else {
    taken.partition = ids_[lane];
    std::size_t bytes = 0;
    for (const model_event& each : events_) {
      if (each.state != store::entry_state::queued || lane_of(each) != lane) continue;
      bytes += store::entry_cost_bytes(each.payload.size());
      if (taken.numbers.size() == events_max || (!taken.numbers.empty() && bytes > bytes_max)) {
        break;
      }
      taken.numbers.push_back(each.sequence);
    }
  }
  ++taken.attempts;
  witness_.handed_out(taken, events_);
  for (const store::sequence_number sequence : taken.numbers) {
    find(sequence).state = store::entry_state::in_flight;
    find(sequence).was_sent = true;
  }
  out_.push_back(taken);
  return taken;
}

void queue_model::commit(const model_batch& done) {
  witness_.committed(done, events_);
  std::erase_if(out_, [&](const auto& each) { return each.partition == done.partition; });
  std::erase_if(events_, [&](const model_event& each) {
    return std::ranges::count(done.numbers, each.sequence) > 0;
  });
}

void queue_model::put_back(model_batch back) {
  std::erase_if(out_, [&](const auto& each) { return each.partition == back.partition; });
  for (const store::sequence_number sequence : back.numbers) {
    find(sequence).state = store::entry_state::returned;
  }
  returned_.insert(returned_.begin(), std::move(back));
}

void queue_model::put_back_split(const model_batch& back) {
  witness_.refused(back);
  const auto middle = back.numbers.begin() + static_cast<std::ptrdiff_t>(back.numbers.size() / 2);
  put_back({back.partition, {middle, back.numbers.end()}, 0});
  put_back({back.partition, {back.numbers.begin(), middle}, 0});
}

store::sequence_number queue_model::drop_oldest() {
  const auto found = std::ranges::find(events_, false, &model_event::was_sent);
  if (found == events_.end()) return 0;
  const store::sequence_number sequence = found->sequence;
  events_.erase(found);
  return sequence;
}

const model_event& queue_model::at(store::sequence_number sequence) const {
  return event_at(events_, sequence);
}

model_event& queue_model::find(store::sequence_number sequence) {
  return const_cast<model_event&>(at(sequence));
}

std::size_t queue_model::lane_of(const model_event& of) const {
  return ids_.empty() ? 0 : protocol::partition_index(of.session, ids_.size(), gen_);
}

void queue_model::compare(const store::replay_queue& queue) const {
  store::queue_usage expected;
  for (const model_event& each : events_) {
    const std::size_t cost = store::entry_cost_bytes(each.payload.size());
    ++expected.events;
    expected.bytes += cost;
    expected.sent_events += each.was_sent ? 1 : 0;
    expected.sent_bytes += each.was_sent ? cost : 0;
    if (each.state == store::entry_state::queued) continue;
    ++expected.unsettled_events;
    expected.unsettled_bytes += cost;
  }
  const store::queue_usage usage = queue.usage();
  expect(usage.events == expected.events && usage.bytes == expected.bytes, "usage");
  expect(usage.unsettled_events == expected.unsettled_events, "unsettled events");
  expect(usage.unsettled_bytes == expected.unsettled_bytes, "unsettled bytes");
  expect(usage.sent_events == expected.sent_events, "events that may not be dropped");
  expect(usage.sent_bytes == expected.sent_bytes, "bytes that may not be dropped");
  expect(usage.events <= limits_.events_max && usage.bytes <= limits_.bytes_max, "caps");
  expect(queue.empty() == events_.empty(), "empty");

  std::size_t index = 0;
  queue.for_each([&](const store::entry& each) {
    expect(index < events_.size(), "an event too many");
    const model_event& wanted = events_[index++];
    expect(each.sequence == wanted.sequence && each.id == wanted.id, "order of the events");
    expect(each.state == wanted.state && each.was_sent == wanted.was_sent, "state of an event");
  });
  expect(index == events_.size(), "an event too few");
  expect(queue.lane_count() == lane_count(), "number of lanes");
  for (std::size_t lane = 0; lane < lane_count(); ++lane) compare_lane(queue, lane);
}

void queue_model::compare_lane(const store::replay_queue& queue, std::size_t lane) const {
  store::lane_view expected;
  store::sequence_number oldest = 0;
  for (const model_event& each : events_) {
    if (each.state != store::entry_state::queued || lane_of(each) != lane) continue;
    if (oldest == 0) oldest = each.sequence;
    ++expected.queued_events;
    expected.queued_bytes += store::entry_cost_bytes(each.payload.size());
    expected.ack_wanted += each.ack_wanted ? 1 : 0;
  }
  const store::lane_view view = queue.lane(lane);
  expect(view.queued_events == expected.queued_events, "queued events of a lane");
  expect(view.queued_bytes == expected.queued_bytes, "queued bytes of a lane");
  expect(view.ack_wanted == expected.ack_wanted, "waiting producers of a lane");
  expect((view.oldest == nullptr ? 0 : view.oldest->sequence) == oldest, "oldest of a lane");
  if (ids_.empty()) return;
  expect(view.busy == (std::ranges::count(out_, ids_[lane], &model_batch::partition) > 0),
         "busy lane");
  expect(view.is_held == is_held(lane), "held lane");
  expect(view.has_returned_batch ==
             (std::ranges::count(returned_, ids_[lane], &model_batch::partition) > 0),
         "returned batch of a lane");
}

}  // namespace vibes::test
