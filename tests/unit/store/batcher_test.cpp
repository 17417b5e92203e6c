#include "daemon/store/batcher.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "tests/support/seed.hpp"
#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using protocol::generation;
using store::batch;
using store::batcher;
using store::link_demand;
using store::replay_queue;

constexpr link_demand busy_link{.link_free = false, .draining = false};
constexpr link_demand free_link{.link_free = true, .draining = false};
constexpr link_demand draining{.link_free = false, .draining = true};

constexpr std::size_t cost_of_two = cost_of_empty + 2;  // event_of's default payload

TEST_CASE("A lane is sent when it is full, has lingered, is waited for or is drained",
          "[batcher]") {
  struct {
    const char* name;
    std::size_t events;
    bool awaited;
    duration age;
    link_demand demand;
    bool expected;
  } const cases[] = {
      {"one event, just arrived", 1, false, 0ms, free_link, false},
      {"just before the linger time", 1, false, 10ms - 1ns, free_link, false},
      {"at the linger time", 1, false, 10ms, busy_link, true},
      {"one below the count", 3, false, 0ms, free_link, false},
      {"at the count", 4, false, 0ms, busy_link, true},
      {"a producer waits, the link is free", 1, true, 0ms, free_link, true},
      {"a producer waits, the link is busy", 1, true, 0ms, busy_link, false},
      {"draining", 1, false, 0ms, draining, true},
      {"draining with nothing to send", 0, false, 0ms, draining, false},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    replay_queue queue({});
    queue.route(partitions(1), generation::iggy_0_7);
    batcher batches(queue, {4, 100 * cost_of_two, 10ms});
    for (std::size_t i = 0; i < each.events; ++i) {
      queue.push(each.awaited ? awaited_event_of(0) : event_of(0), start_of_time);
    }
    const auto next = batches.next(start_of_time + each.age, each.demand);
    CHECK(next.has_value() == each.expected);
    if (next) CHECK(next->entries.size() == each.events);
  }
}

TEST_CASE("A lane is full by bytes as well, to the byte", "[batcher]") {
  replay_queue queue({});
  queue.route(partitions(1), generation::iggy_0_7);
  batcher batches(queue, {100, 3 * cost_of_two, 10ms});
  queue.push(event_of(0), start_of_time);
  queue.push(event_of(0, "1"), start_of_time);
  queue.push(event_of(0), start_of_time);
  CHECK_FALSE(batches.next(start_of_time, free_link));
  REQUIRE(queue.drop_oldest([](const store::entry&) {}));
  queue.push(event_of(0, "333"), start_of_time);
  const auto next = batches.next(start_of_time, free_link);
  REQUIRE(next);
  CHECK(numbers(*next) == sequences{2, 3, 4});
}

TEST_CASE("Nothing is sent before the topic is known", "[batcher]") {
  replay_queue queue({});
  batcher batches(queue, {1, 1, 0ms});
  queue.push(awaited_event_of(0), start_of_time);
  CHECK_FALSE(batches.next(start_of_time + 1h, draining));
  CHECK_FALSE(batches.wake_at());
}

TEST_CASE("Of the ripe lanes the one with the oldest event goes first", "[batcher]") {
  replay_queue queue({});
  queue.route(partitions(3), generation::iggy_0_7);
  batcher batches(queue, {10, 100 * cost_of_two, 10ms});
  for (protocol::session_hash session : {2u, 0u, 1u, 2u}) {
    queue.push(event_of(session), start_of_time);
  }
  std::vector<sequences> order;
  while (auto next = batches.next(start_of_time + 1s, busy_link)) order.push_back(numbers(*next));
  // The lanes stay busy: no second batch of any of them.
  CHECK(order == std::vector<sequences>{{1, 4}, {2}, {3}});
}

TEST_CASE("A full lane does not wait for an older one that is not ripe", "[batcher]") {
  replay_queue queue({});
  queue.route(partitions(2), generation::iggy_0_7);
  batcher batches(queue, {2, 100 * cost_of_two, 10ms});
  for (protocol::session_hash session : {0u, 1u, 1u}) queue.push(event_of(session), start_of_time);
  const auto next = batches.next(start_of_time, free_link);
  REQUIRE(next);
  CHECK(numbers(*next) == sequences{2, 3});
}

TEST_CASE("One event above the byte limit of a batch travels alone", "[batcher]") {
  replay_queue queue({});
  queue.route(partitions(1), generation::iggy_0_7);
  batcher batches(queue, {10, 3 * cost_of_two, 10ms});
  const std::string large(5 * cost_of_two, 'x');
  queue.push(event_of(0), start_of_time);
  queue.push(event_of(0, large), start_of_time);
  queue.push(event_of(0), start_of_time);
  std::vector<sequences> order;
  while (auto next = batches.next(start_of_time + 1s, free_link)) {
    order.push_back(numbers(*next));
    queue.commit(std::move(*next));
  }
  CHECK(order == std::vector<sequences>{{1}, {2}, {3}});
}

TEST_CASE("A returned batch goes at once, before anything newer of its lane", "[batcher]") {
  replay_queue queue({});
  queue.route(partitions(1), generation::iggy_0_7);
  batcher batches(queue, {2, 100 * cost_of_two, 10ms});
  for (int i = 0; i < 5; ++i) queue.push(event_of(0), start_of_time);
  queue.put_back(*batches.next(start_of_time, free_link));
  const auto next = batches.next(start_of_time, busy_link);
  REQUIRE(next);
  CHECK(numbers(*next) == sequences{1, 2});
  CHECK_FALSE(batches.next(start_of_time, busy_link));
}

// A partition that never takes its batch (its shard is gone, its log is full) may delay the others,
// it must not stop them.
TEST_CASE("Lanes whose batches come back again and again do not starve the others", "[batcher]") {
  replay_queue queue({});
  queue.route(partitions(4), generation::iggy_0_7);
  batcher batches(queue, {1, 100 * cost_of_two, 10ms});
  for (protocol::session_hash session : {0u, 1u, 2u, 3u}) {
    queue.push(event_of(session), start_of_time);
  }
  std::vector<std::size_t> tries(4, 0);
  for (int i = 0; i < 40; ++i) {
    auto next = batches.next(start_of_time + 1s, free_link);
    REQUIRE(next);
    ++tries[next->partition];
    if (next->partition < 2) {
      queue.put_back(std::move(*next));
    } else {
      queue.push(event_of(next->partition), start_of_time);  // there is always more
      queue.commit(std::move(*next));
    }
  }
  for (const std::size_t each : tries) CHECK(each >= 9);
}

TEST_CASE("The batcher asks to be woken when the next lane has lingered", "[batcher]") {
  replay_queue queue({});
  queue.route(partitions(2), generation::iggy_0_7);
  batcher batches(queue, {10, 100 * cost_of_two, 10ms});
  CHECK_FALSE(batches.wake_at());
  queue.push(event_of(1), start_of_time + 1ms);
  CHECK(batches.wake_at() == start_of_time + 11ms);
  queue.push(event_of(0), start_of_time + 2ms);
  CHECK(batches.wake_at() == start_of_time + 11ms);

  auto first = batches.next(start_of_time + 11ms, busy_link);
  REQUIRE(first);
  queue.push(event_of(1), start_of_time + 11ms);
  CHECK(batches.wake_at() == start_of_time + 12ms);  // a busy lane cannot be sent by waiting
  queue.put_back(std::move(*first));
  CHECK(batches.wake_at() == start_of_time + 12ms);  // and this one needs no waiting

  auto second = batches.next(start_of_time + 12ms, busy_link);
  REQUIRE(second);
  CHECK(second->partition == 1);
  auto third = batches.next(start_of_time + 12ms, busy_link);
  REQUIRE(third);
  CHECK(third->partition == 0);
  queue.put_back(std::move(*second));
  CHECK_FALSE(batches.wake_at());
}

/// Pushes, sends and settles at random while time jumps from one wake_at to the next.
void run_on_simulated_time(std::mt19937_64& random) {
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  replay_queue queue({4 + below(30), (4 + below(30)) * (cost_of_empty + 400)});
  queue.route(partitions(3), generation::iggy_0_7);
  batcher batches(queue, {1 + below(6), (1 + below(6)) * (cost_of_empty + 400), 10ms});
  std::vector<batch> out;
  time_point now = start_of_time;
  for (int step = 0; step < 2'000; ++step) {
    const std::string payload(below(800), 'x');
    if (below(2) == 0 && queue.fits(payload.size())) {
      queue.push(event_of(static_cast<protocol::session_hash>(below(5)), payload), now);
    }
    while (auto next = batches.next(now, busy_link)) out.push_back(std::move(*next));
    const auto wake = batches.wake_at();
    if (wake) {
      REQUIRE(*wake > now);
      now = below(2) == 0 ? *wake : now + 1ms;
      if (now == *wake) {
        auto next = batches.next(now, busy_link);
        REQUIRE(next);
        out.push_back(std::move(*next));
      }
    }
    if (!out.empty() && (!wake || below(3) == 0)) {
      batch back = std::move(out.back());
      out.pop_back();
      if (below(3) == 0) {
        queue.put_back(std::move(back));
      } else {
        queue.commit(std::move(back));
      }
    }
  }
}

TEST_CASE("Waking when it asked for it always finds a batch, and never at once", "[batcher]") {
  for (std::uint64_t run = 0; run < 20; ++run) {
    CAPTURE(random_seed() + run);
    std::mt19937_64 random(random_seed() + run);
    run_on_simulated_time(random);
  }
}

}  // namespace
}  // namespace vibes::test
