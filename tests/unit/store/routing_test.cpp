#include <array>
#include <catch2/catch.hpp>

#include "daemon/store/batcher.hpp"
#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {
namespace {

using protocol::generation;
using store::batch;
using store::batcher;
using store::replay_queue;

constexpr std::size_t unlimited = ~std::size_t{0};

/// Takes and commits everything, and says in which order it left each partition.
std::vector<std::pair<protocol::partition_id, sequences>> drain(replay_queue& queue) {
  std::vector<std::pair<protocol::partition_id, sequences>> order;
  for (std::size_t lane = 0; lane < queue.lane_count(); ++lane) {
    while (queue.lane(lane).has_returned_batch || queue.lane(lane).queued_events > 0) {
      batch next = queue.take(lane, unlimited, unlimited);
      order.emplace_back(next.partition, numbers(next));
      queue.commit(std::move(next));
    }
  }
  return order;
}

/// One lane of at most four.
store::lane_choice choice_of(std::size_t lane) {
  static constexpr std::array<std::uint8_t, 4> leaders{0, 1, 2, 3};
  return {leaders, static_cast<std::uint8_t>(lane)};
}

using drained = std::vector<std::pair<protocol::partition_id, sequences>>;

TEST_CASE("Events that waited for the topic go to the lane of their session", "[routing]") {
  struct {
    const char* name;
    generation gen;
    protocol::partition_id first_id;
    drained expected;
  } const cases[] = {
      {"numbered from 0", generation::iggy_0_7, 0, {{0, {1, 4}}, {1, {2, 5}}, {2, {3}}}},
      // Remainder 0 means the last id there.
      {"numbered from 1", generation::iggy_0_5, 1, {{1, {2, 5}}, {2, {3}}, {3, {1, 4}}}},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    replay_queue queue({});
    for (protocol::session_hash session : {0u, 1u, 2u, 3u, 4u}) {
      queue.push(event_of(session), start_of_time);
    }
    queue.route(partitions(3, each.first_id), each.gen);
    CHECK(queue.routed());
    CHECK(drain(queue) == each.expected);
  }
}

TEST_CASE("Learning the same partitions again changes nothing", "[routing]") {
  replay_queue queue({});
  queue.route(partitions(2), generation::iggy_0_7);
  queue.push(event_of(0), start_of_time);
  batch in_flight = queue.take(0, 1, unlimited);
  // Not even with a batch in flight: nothing has to move.
  queue.route(partitions(2), generation::iggy_0_7);
  CHECK(queue.lane(0).busy);
  queue.put_back(std::move(in_flight));
  CHECK(drain(queue) == drained{{0, {1}}});
}

TEST_CASE("A topic that has grown takes queued events to their new lanes, in order", "[routing]") {
  replay_queue queue({});
  queue.route(partitions(1), generation::iggy_0_7);
  for (protocol::session_hash session : {0u, 1u, 0u, 1u, 2u}) {
    queue.push(awaited_event_of(session), start_of_time);
  }
  queue.route(partitions(3), generation::iggy_0_7);
  CHECK(queue.lane(0).queued_events == 2);
  CHECK(queue.lane(0).ack_wanted == 2);
  CHECK(queue.lane(2).queued_bytes == cost_of_empty + 2);
  CHECK(drain(queue) == drained{{0, {1, 3}}, {1, {2, 4}}, {2, {5}}});
}

TEST_CASE("A returned batch keeps its partition while that exists", "[routing]") {
  replay_queue queue({});
  queue.route(partitions(2), generation::iggy_0_7);
  for (int i = 0; i < 2; ++i) {
    queue.push(event_of(1), start_of_time);
    queue.push(event_of(3), start_of_time);
  }
  queue.put_back(queue.take(1, 3, unlimited));
  queue.push(event_of(1), start_of_time);

  SECTION("the topic has grown: session 3 goes on elsewhere, its returned events do not move") {
    queue.route(partitions(4), generation::iggy_0_7);
    CHECK(queue.lane(1).has_returned_batch);
    CHECK(drain(queue) == drained{{1, {1, 2, 3}}, {1, {5}}, {3, {4}}});
  }
  SECTION("an id before it was deleted: the lane's index moves, the partition stays") {
    queue.route(std::vector<protocol::partition_id>{1, 7}, generation::iggy_0_7);
    CHECK(queue.lane(0).has_returned_batch);
    CHECK(drain(queue) == drained{{1, {1, 2, 3}}, {7, {4, 5}}});
  }
}

TEST_CASE("A returned batch whose partition is gone is queued again before newer", "[routing]") {
  struct {
    const char* name;
    std::vector<protocol::partition_id> ids;
    generation gen;
  } const cases[] = {
      {"the partition is gone", {0}, generation::iggy_0_7},
      {"another generation numbers partitions anew", {1}, generation::iggy_0_5},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    replay_queue queue({});
    queue.route(partitions(2), generation::iggy_0_7);
    for (protocol::session_hash session : {1u, 0u, 1u}) {
      queue.push(event_of(session), start_of_time);
    }
    queue.put_back(queue.take(1, 1, unlimited));  // event 1
    queue.route(each.ids, each.gen);
    CHECK(queue.usage().unsettled_events == 0);
    CHECK(queue.usage().unsettled_bytes == 0);
    CHECK_FALSE(queue.lane(0).has_returned_batch);

    sequences dropped;
    while (queue.drop_oldest([&](const auto& gone) { dropped.push_back(gone.sequence); })) {
    }
    // Iggy may have event 1: it stays until there is an answer for it.
    CHECK(dropped == sequences{2, 3});
    CHECK(drain(queue) == drained{{each.ids.front(), {1}}});
  }
}

TEST_CASE("A session that has moved waits for its batch that has not", "[routing]") {
  replay_queue queue({});
  queue.route(partitions(2), generation::iggy_0_7);
  for (const protocol::session_hash session : {1u, 3u, 0u}) {
    queue.push(event_of(session), start_of_time);
  }
  queue.put_back(queue.take(1, unlimited, unlimited));
  queue.route(partitions(4), generation::iggy_0_7);
  queue.push(event_of(3), start_of_time);
  queue.push(event_of(2), start_of_time);
  CHECK(queue.lane(3).is_held);
  for (const std::size_t other : {0u, 1u, 2u}) CHECK_FALSE(queue.lane(other).is_held);

  batcher batches(queue, {100, 1 << 20, {}});
  const auto next = [&](std::size_t lane) {
    return batches.next(start_of_time, {true, true, choice_of(lane)});
  };
  CHECK_FALSE(next(3));
  CHECK_FALSE(batches.wake_at(choice_of(3)));

  SECTION("until that is committed, after as many attempts as it takes") {
    queue.put_back(*next(1));
    batch again = *next(1);
    CHECK(numbers(again) == sequences{1, 2});
    CHECK_FALSE(next(3));
    queue.commit(std::move(again));
  }
  SECTION("half by half when it is refused, and no longer than for the half that it is in") {
    queue.put_back_split(*next(1));
    queue.commit(*next(1));  // session 1
    CHECK(queue.lane(3).is_held);
    queue.commit(*next(1));
  }
  SECTION("until its partition goes, so that both are one session's events again") {
    queue.route(std::vector<protocol::partition_id>{0, 2, 3}, generation::iggy_0_7);
    CHECK(drain(queue) == drained{{0, {2, 3, 4}}, {2, {1}}, {3, {5}}});
    return;
  }
  SECTION("until it comes back to the lane of its batch") {
    queue.route(partitions(2), generation::iggy_0_7);
    CHECK_FALSE(queue.lane(1).is_held);
    CHECK(drain(queue) == drained{{0, {3, 5}}, {1, {1, 2}}, {1, {4}}});
    return;
  }
  CHECK_FALSE(queue.lane(3).is_held);
  CHECK(batches.wake_at(choice_of(3)) == start_of_time);
  CHECK(numbers(*next(3)) == sequences{4});
}

TEST_CASE("A session that has moved between two processes waits for its restored batch",
          "[routing]") {
  replay_queue queue({});
  store::stored_batch expected;
  expected.partition = 1;
  for (const store::sequence_number sequence : {1u, 2u}) expected.events.add(sequence);
  queue.expect(std::move(expected));
  for (const store::sequence_number sequence : {1u, 2u, 3u}) {
    queue.push_stored(event_of(3), sequence, start_of_time, true);
  }
  queue.route(partitions(4), generation::iggy_0_7);
  CHECK(queue.lane(3).is_held);
  CHECK(drain(queue) == drained{{1, {1, 2}}, {3, {3}}});
}

TEST_CASE("Halves of a split batch keep their order through a change of routes", "[routing]") {
  replay_queue queue({});
  queue.route(partitions(1), generation::iggy_0_7);
  for (int i = 0; i < 5; ++i) queue.push(event_of(1), start_of_time);
  queue.put_back_split(queue.take(0, 4, unlimited));

  SECTION("the partition is still there") {
    queue.route(partitions(2), generation::iggy_0_7);
    CHECK(drain(queue) == drained{{0, {1, 2}}, {0, {3, 4}}, {1, {5}}});
  }
  SECTION("it is gone") {
    queue.route(std::vector<protocol::partition_id>{4}, generation::iggy_0_7);
    CHECK(drain(queue) == drained{{4, {1, 2, 3, 4, 5}}});
  }
}

}  // namespace
}  // namespace vibes::test
