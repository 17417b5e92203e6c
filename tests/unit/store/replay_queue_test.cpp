#include "daemon/store/replay_queue.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {
namespace {

using store::batch;
using store::entry_state;
using store::replay_queue;

constexpr std::size_t unlimited = ~std::size_t{0};

/// One lane, `count` events of one session, numbers 1..count.
void fill(replay_queue& queue, std::size_t count) {
  queue.route(partitions(1), protocol::generation::iggy_0_7);
  for (std::size_t i = 0; i < count; ++i) queue.push(event_of(0), start_of_time);
}

TEST_CASE("Events fit up to the count cap and not one more", "[replay_queue]") {
  replay_queue queue({3, unlimited});
  for (int i = 0; i < 3; ++i) {
    REQUIRE(queue.fits(0));
    queue.push(event_of(0), start_of_time);
  }
  CHECK_FALSE(queue.fits(0));
  CHECK(queue.usage().events == 3);
}

TEST_CASE("The byte cap counts entry and payload, to the byte", "[replay_queue]") {
  replay_queue queue({100, 2 * cost_of_empty + 10});
  queue.push(event_of(0, "12345"), start_of_time);
  CHECK(queue.usage().bytes == cost_of_empty + 5);
  CHECK(queue.fits(5));
  CHECK_FALSE(queue.fits(6));
  queue.push(event_of(0, "67890"), start_of_time);
  CHECK(queue.usage().bytes == queue.limits().bytes_max);
  CHECK_FALSE(queue.fits(0));
}

TEST_CASE("Sequence numbers start at 1 and are never reused", "[replay_queue]") {
  replay_queue queue({1, unlimited});
  for (store::sequence_number expected = 1; expected <= 5; ++expected) {
    CHECK(queue.push(event_of(0), start_of_time) == expected);
    REQUIRE(queue.drop_oldest([](const store::entry&) {}));
  }
  CHECK(queue.empty());
}

TEST_CASE("An event is copied with all it says", "[replay_queue]") {
  replay_queue queue({});
  std::string payload = R"({"type":"turn"})";
  store::new_event event{{7, 9}, 42, 1'234, payload, {3, 5}, 17, true};
  queue.push(event, start_of_time);
  payload.assign(payload.size(), 'x');

  const store::entry* held = queue.oldest();
  REQUIRE(held != nullptr);
  CHECK(text(*held) == R"({"type":"turn"})");
  CHECK(held->id == protocol::message_id{7, 9});
  CHECK(held->session == 42);
  CHECK(held->origin_time_us == 1'234);
  CHECK(held->producer.slot == 3);
  CHECK(held->producer.epoch == 5);
  CHECK(held->line == 17);
  CHECK(held->ack_wanted);
  CHECK(held->arrived_at == start_of_time);
  CHECK(held->state == entry_state::queued);
  CHECK_FALSE(held->was_sent);
}

TEST_CASE("An event without payload is held like any other", "[replay_queue]") {
  replay_queue queue({});
  queue.push(event_of(0, {}), start_of_time);
  CHECK(queue.usage().bytes == cost_of_empty);
  CHECK(queue.oldest()->payload().empty());
}

TEST_CASE("Before the topic is known all events wait in one lane", "[replay_queue]") {
  replay_queue queue({});
  CHECK_FALSE(queue.routed());
  for (protocol::session_hash session = 0; session < 5; ++session) {
    queue.push(event_of(session), start_of_time);
  }
  REQUIRE(queue.lane_count() == 1);
  CHECK(queue.lane(0).queued_events == 5);
}

TEST_CASE("A batch is the oldest events of its lane within its limits", "[replay_queue]") {
  struct {
    const char* name;
    std::size_t events_max;
    std::size_t bytes_max;
    std::size_t expected;
  } const cases[] = {
      {"everything", 10, unlimited, 4},
      {"by count", 3, unlimited, 3},
      {"by bytes, to the byte", 10, 3 * cost_of_empty + 6, 3},
      {"by bytes, one byte short", 10, 3 * cost_of_empty + 5, 2},
      {"at least one, whatever it costs", 10, 1, 1},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    replay_queue queue({});
    fill(queue, 4);
    batch taken = queue.take(0, each.events_max, each.bytes_max);
    CHECK(taken.entries.size() == each.expected);
    CHECK(taken.cost_bytes == each.expected * (cost_of_empty + 2));
    CHECK(taken.entries.front()->sequence == 1);
    CHECK(taken.attempts == 1);
    CHECK(queue.usage().unsettled_events == each.expected);
    CHECK(queue.usage().unsettled_bytes == taken.cost_bytes);
    CHECK(queue.lane(0).queued_events == 4 - each.expected);
    queue.commit(std::move(taken));
    CHECK(queue.usage().events == 4 - each.expected);
    CHECK(queue.usage().unsettled_events == 0);
    CHECK(queue.usage().unsettled_bytes == 0);
  }
}

TEST_CASE("A lane with a batch in flight is busy, its neighbour is not", "[replay_queue]") {
  replay_queue queue({});
  queue.route(partitions(2), protocol::generation::iggy_0_7);
  queue.push(event_of(0), start_of_time);
  queue.push(event_of(1), start_of_time);
  batch first = queue.take(0, 10, unlimited);
  CHECK(queue.lane(0).busy);
  CHECK_FALSE(queue.lane(1).busy);
  batch second = queue.take(1, 10, unlimited);
  queue.commit(std::move(second));
  CHECK(queue.lane(0).busy);
  CHECK_FALSE(queue.lane(1).busy);
  queue.commit(std::move(first));
  CHECK_FALSE(queue.lane(0).busy);
  CHECK(queue.empty());
}

TEST_CASE("A batch that comes back is taken again first and unchanged", "[replay_queue]") {
  replay_queue queue({});
  fill(queue, 5);
  batch sent = queue.take(0, 2, unlimited);
  const sequences before = numbers(sent);
  const std::size_t cost = sent.cost_bytes;
  queue.put_back(std::move(sent));
  CHECK(queue.lane(0).has_returned_batch);
  CHECK_FALSE(queue.lane(0).busy);
  CHECK(queue.lane(0).queued_events == 3);
  CHECK(queue.oldest()->state == entry_state::returned);
  CHECK(queue.usage().unsettled_events == 2);

  // Whatever the limits say now: a batch is formed once.
  batch again = queue.take(0, 1, 1);
  CHECK(numbers(again) == before);
  CHECK(again.cost_bytes == cost);
  CHECK(again.attempts == 2);
  CHECK_FALSE(queue.lane(0).has_returned_batch);
  queue.commit(std::move(again));

  batch rest = queue.take(0, 10, unlimited);
  CHECK(numbers(rest) == sequences{3, 4, 5});
  queue.commit(std::move(rest));
}

TEST_CASE("A batch split on its return comes back as its halves, in order", "[replay_queue]") {
  replay_queue queue({});
  fill(queue, 6);
  batch sent = queue.take(0, 5, unlimited);
  const std::size_t cost = sent.cost_bytes;
  queue.put_back_split(std::move(sent));
  CHECK(queue.usage().unsettled_events == 5);
  CHECK(queue.usage().unsettled_bytes == cost);

  batch first = queue.take(0, 10, unlimited);
  CHECK(numbers(first) == sequences{1, 2});
  CHECK(first.cost_bytes == cost / 5 * 2);
  queue.put_back_split(std::move(first));

  std::vector<sequences> order;
  while (queue.lane(0).has_returned_batch || queue.lane(0).queued_events > 0) {
    batch next = queue.take(0, 10, unlimited);
    order.push_back(numbers(next));
    queue.commit(std::move(next));
  }
  CHECK(order == std::vector<sequences>{{1}, {2}, {3, 4, 5}, {6}});
  CHECK(queue.usage().unsettled_bytes == 0);
}

TEST_CASE("Dropping takes the oldest event that was never sent", "[replay_queue]") {
  replay_queue queue({});
  queue.route(partitions(2), protocol::generation::iggy_0_7);
  for (protocol::session_hash session : {0u, 1u, 0u, 1u}) {
    queue.push(event_of(session), start_of_time);
  }
  batch in_flight = queue.take(0, 1, unlimited);  // 1
  batch returned = queue.take(1, 1, unlimited);   // 2
  queue.put_back(std::move(returned));

  sequences dropped;
  const auto note = [&](const store::entry& gone) { dropped.push_back(gone.sequence); };
  CHECK(queue.drop_oldest(note));
  CHECK(queue.drop_oldest(note));
  CHECK_FALSE(queue.drop_oldest(note));
  CHECK(dropped == sequences{3, 4});
  CHECK(queue.lane(0).queued_events == 0);
  CHECK(queue.lane(0).queued_bytes == 0);
  CHECK(numbers(queue) == sequences{1, 2});

  queue.push(event_of(0), start_of_time);
  CHECK(queue.drop_oldest(note));
  CHECK(dropped.back() == 5);
  queue.commit(std::move(in_flight));
}

TEST_CASE("A dropped event no longer counts as one that a producer waits for", "[replay_queue]") {
  replay_queue queue({});
  queue.push(awaited_event_of(0), start_of_time);
  queue.push(event_of(0), start_of_time);
  CHECK(queue.lane(0).ack_wanted == 1);
  REQUIRE(queue.drop_oldest([](const store::entry&) {}));
  CHECK(queue.lane(0).ack_wanted == 0);
  CHECK(queue.lane(0).queued_events == 1);
}

TEST_CASE("An empty queue has nothing to drop and no oldest event", "[replay_queue]") {
  replay_queue queue({});
  CHECK_FALSE(queue.drop_oldest([](const store::entry&) {}));
  CHECK(queue.oldest() == nullptr);
  CHECK(queue.empty());
}

TEST_CASE("The queue knows whether dropping could make room", "[replay_queue]") {
  replay_queue queue({4, 4 * (cost_of_empty + 2)});
  fill(queue, 4);
  CHECK(queue.fits_after_drops(3 * cost_of_empty + 8));
  CHECK(queue.fits_at_all(3 * cost_of_empty + 8));
  CHECK_FALSE(queue.fits_at_all(3 * cost_of_empty + 9));
  queue.put_back(queue.take(0, 3, unlimited));
  CHECK(queue.fits_after_drops(2));
  CHECK_FALSE(queue.fits_after_drops(3));
  queue.commit(queue.take(0, 3, unlimited));
  CHECK(queue.fits_after_drops(3 * cost_of_empty + 8));
  CHECK(queue.usage().sent_bytes == 0);
}

TEST_CASE("Clearing shows every event once and leaves a usable queue", "[replay_queue]") {
  replay_queue queue({});
  fill(queue, 5);
  queue.put_back_split(queue.take(0, 3, unlimited));
  sequences seen;
  queue.clear([&](const store::entry& gone) { seen.push_back(gone.sequence); });
  CHECK(seen == sequences{1, 2, 3, 4, 5});
  CHECK(queue.empty());
  CHECK(queue.usage().bytes == 0);
  CHECK(queue.usage().unsettled_events == 0);
  CHECK(queue.usage().sent_events == 0);
  CHECK_FALSE(queue.lane(0).has_returned_batch);
  queue.push(event_of(0), start_of_time);
  CHECK(queue.lane(0).queued_events == 1);
  CHECK(numbers(queue) == sequences{6});
}

TEST_CASE("A queue may end with events queued, returned and in flight", "[replay_queue]") {
  replay_queue queue({});
  queue.route(partitions(2), protocol::generation::iggy_0_7);
  for (protocol::session_hash session : {0u, 1u, 0u, 1u}) {
    queue.push(event_of(session), start_of_time);
  }
  const batch never_given_back = queue.take(0, 1, unlimited);
  queue.put_back(queue.take(1, 1, unlimited));
  CHECK(queue.usage().unsettled_events == 2);
}  // the sanitizer build finds what the destructor forgets

TEST_CASE("Events are found by sequence from wherever they are", "[replay_queue]") {
  store::replay_queue events({100, 1 << 20});
  for (int i = 0; i < 20; ++i) events.push(event_of(0), start_of_time);
  events.drop_chosen(
      [](const store::entry& each) {
        return each.sequence % 3 == 0 ? store::replay_queue::choice::drop
                                      : store::replay_queue::choice::keep;
      },
      [](const store::entry&) {});
  CHECK(events.usage().events == 14);
  for (store::sequence_number sequence = 0; sequence <= 21; ++sequence) {
    CAPTURE(sequence);
    const bool there = sequence >= 1 && sequence <= 20 && sequence % 3 != 0;
    const store::entry* const found = events.find(sequence);
    CHECK((found != nullptr) == there);
    if (found != nullptr) CHECK(found->sequence == sequence);
    sequences after;
    events.visit_after(sequence, [&](const store::entry& each) {
      after.push_back(each.sequence);
      return true;
    });
    sequences expected;
    for (const store::sequence_number each : numbers(events)) {
      if (each > sequence) expected.push_back(each);
    }
    CHECK(after == expected);
  }
}

}  // namespace
}  // namespace vibes::test
