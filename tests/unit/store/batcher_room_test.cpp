#include <catch2/catch.hpp>

#include "daemon/store/batcher.hpp"
#include "tests/unit/store/queue_support.hpp"

// In flight and returned events never take more than half of the queue, so that drop_oldest always
// has something it may drop.

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using protocol::generation;
using store::batch;
using store::batcher;
using store::replay_queue;

constexpr store::link_demand draining{.link_free = true, .draining = true};
constexpr std::size_t cost_of_two = cost_of_empty + 2;
constexpr std::size_t unlimited = ~std::size_t{0};

std::vector<batch> take_all(batcher& batches) {
  std::vector<batch> taken;
  while (auto next = batches.next(start_of_time, draining)) taken.push_back(std::move(*next));
  return taken;
}

/// Fills the queue, round robin over its lanes.
void fill(replay_queue& queue, std::string_view payload = "{}") {
  for (protocol::session_hash session = 0; queue.fits(payload.size()); ++session) {
    queue.push(event_of(session, payload), start_of_time);
  }
}

TEST_CASE("No more than half of the events are in flight or returned", "[batcher][room]") {
  struct {
    const char* name;
    std::size_t events_max;
    std::uint32_t lanes;
    std::size_t expected;
  } const cases[] = {
      {"one lane", 10, 1, 5},
      {"several lanes share the half", 10, 4, 5},
      {"an odd number", 7, 2, 3},
      {"a queue for one event must still be able to send it", 1, 1, 1},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    replay_queue queue({each.events_max, unlimited});
    queue.route(partitions(each.lanes), generation::iggy_0_7);
    batcher batches(queue, {100, 1'000 * cost_of_two, 10ms});
    fill(queue);
    std::vector<batch> taken = take_all(batches);
    CHECK(queue.usage().unsettled_events == each.expected);
    CHECK_FALSE(batches.wake_at());
  }
}

TEST_CASE("No more than half of the bytes are in flight or returned", "[batcher][room]") {
  struct {
    const char* name;
    std::size_t bytes_max;
    std::uint32_t lanes;
    std::size_t expected_events;
  } const cases[] = {
      {"one lane", 10 * cost_of_two, 1, 5},
      {"an event that would reach over the half waits", 11 * cost_of_two, 1, 5},
      {"also when it would be the only one of its batch", 5 * cost_of_two, 5, 2},
      {"an event above the half goes when nothing else is out", 3 * cost_of_two / 2, 1, 1},
      {"and then goes alone", 2 * cost_of_two + 1, 2, 1},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    replay_queue queue({100, each.bytes_max});
    queue.route(partitions(each.lanes), generation::iggy_0_7);
    batcher batches(queue, {100, 1'000 * cost_of_two, 10ms});
    fill(queue);
    std::vector<batch> taken = take_all(batches);
    CHECK(queue.usage().unsettled_events == each.expected_events);
    CHECK_FALSE(batches.wake_at());
    // What was taken can be answered, and then the rest goes.
    while (!taken.empty()) {
      for (batch& done : taken) queue.commit(std::move(done));
      taken = take_all(batches);
    }
    CHECK(queue.empty());
  }
}

TEST_CASE("A full queue always has something that may be dropped", "[batcher][room]") {
  for (std::size_t capacity = 2; capacity < 40; ++capacity) {
    for (const std::size_t payload : {std::size_t{0}, std::size_t{50}, 3 * cost_of_empty}) {
      CAPTURE(capacity, payload);
      replay_queue queue({capacity, (capacity + 1) * store::entry_cost_bytes(payload) - 1});
      queue.route(partitions(4), generation::iggy_0_7);
      batcher batches(queue, {5, 6 * cost_of_empty, 10ms});
      fill(queue, std::string(payload, 'x'));
      const std::vector<batch> taken = take_all(batches);
      CHECK_FALSE(taken.empty());
      CHECK(queue.drop_oldest([](const store::entry&) {}));
    }
  }
}

TEST_CASE("An event that waits for room is not overtaken by smaller ones", "[batcher][room]") {
  replay_queue queue({100, 10 * cost_of_two});
  queue.route(partitions(3), generation::iggy_0_7);
  batcher batches(queue, {100, 1'000 * cost_of_two, 10ms});
  queue.push(event_of(0), start_of_time);
  queue.push(event_of(1, std::string(3 * cost_of_two + 3 + cost_of_two / 2, 'x')), start_of_time);
  queue.push(event_of(2), start_of_time);

  auto first = batches.next(start_of_time, draining);
  REQUIRE(first);
  CHECK(numbers(*first) == sequences{1});
  CHECK_FALSE(batches.next(start_of_time, draining));
  CHECK_FALSE(batches.wake_at());  // time does not make room

  queue.commit(std::move(*first));
  auto second = batches.next(start_of_time, draining);
  REQUIRE(second);
  CHECK(numbers(*second) == sequences{2});
}

TEST_CASE("A returned batch goes out although half of the queue is unsettled", "[batcher][room]") {
  replay_queue queue({4, unlimited});
  queue.route(partitions(2), generation::iggy_0_7);
  batcher batches(queue, {2, 100 * cost_of_two, 10ms});
  fill(queue);
  queue.put_back(*batches.next(start_of_time, draining));
  auto again = batches.next(start_of_time, draining);
  REQUIRE(again);
  CHECK(numbers(*again) == sequences{1, 3});
  CHECK_FALSE(batches.next(start_of_time, draining));
  queue.commit(std::move(*again));
  CHECK(batches.next(start_of_time, draining));
}

}  // namespace
}  // namespace vibes::test
