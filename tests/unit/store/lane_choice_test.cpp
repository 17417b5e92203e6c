#include <catch2/catch.hpp>

#include "daemon/store/batcher.hpp"
#include "tests/unit/store/queue_support.hpp"

// Several links take batches from one queue, each for the lanes that its node leads.

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using protocol::generation;
using store::batcher;
using store::lane_choice;
using store::link_demand;
using store::replay_queue;

constexpr std::uint8_t first_node = 4;
constexpr std::uint8_t second_node = 9;
const std::vector<std::uint8_t> led_in_turn{first_node, second_node, first_node};

link_demand from(std::uint8_t node, bool draining = false) {
  return {.link_free = true, .draining = draining, .lanes = {led_in_turn, node}};
}

struct three_lanes {
  replay_queue queue{{}};
  batcher batches{queue, {10, 1 << 20, 10ms}};

  three_lanes() { queue.route(partitions(3), generation::iggy_0_10); }
  /// The partition of the next batch for that node, long after everything is ripe; the batch stays
  /// out.
  std::optional<protocol::partition_id> next(const link_demand& demand) {
    const auto found = batches.next(start_of_time + 1h, demand);
    if (!found) return std::nullopt;
    return found->partition;
  }
};

TEST_CASE("Without leaders every lane is one's own", "[batcher][lanes]") {
  for (std::size_t lane = 0; lane < 5; ++lane) CHECK(lane_choice{}.has(lane));
  const lane_choice mine{led_in_turn, first_node};
  CHECK(mine.has(0));
  CHECK_FALSE(mine.has(1));
  CHECK(mine.has(2));
}

TEST_CASE("A link takes batches of the lanes that its node leads, and no other",
          "[batcher][lanes]") {
  three_lanes at;
  for (const protocol::session_hash session : {0u, 1u, 2u}) {
    at.queue.push(event_of(session), start_of_time);
  }
  CHECK(at.next(from(second_node)) == 1u);
  CHECK_FALSE(at.next(from(second_node)));
  CHECK(at.next(from(first_node)) == 0u);
  CHECK(at.next(from(first_node)) == 2u);
  CHECK_FALSE(at.next(from(first_node)));
}

TEST_CASE("A lane whose leader no link has is left alone, a drain or not", "[batcher][lanes]") {
  three_lanes at;
  at.queue.push(awaited_event_of(1), start_of_time);
  CHECK_FALSE(at.next(from(first_node)));
  CHECK_FALSE(at.next(from(first_node, true)));
  CHECK(at.next(from(second_node)) == 1u);
}

TEST_CASE("A returned batch goes to the link of its lane", "[batcher][lanes]") {
  three_lanes at;
  at.queue.push(event_of(1), start_of_time);
  at.queue.put_back(*at.batches.next(start_of_time + 1h, from(second_node)));
  CHECK_FALSE(at.next(from(first_node)));
  CHECK(at.next(from(second_node)) == 1u);
}

TEST_CASE("A lane that is led elsewhere now is sent by the other link", "[batcher][lanes]") {
  three_lanes at;
  at.queue.push(event_of(1), start_of_time);
  at.queue.put_back(*at.batches.next(start_of_time + 1h, from(second_node)));
  const std::vector<std::uint8_t> moved{first_node, first_node, first_node};
  const link_demand by_first{.link_free = true, .draining = false, .lanes = {moved, first_node}};
  const auto next = at.batches.next(start_of_time, by_first);
  REQUIRE(next);
  CHECK(next->partition == 1);
  CHECK(next->attempts == 2);
}

TEST_CASE("A link is woken for its own lanes only", "[batcher][lanes]") {
  three_lanes at;
  at.queue.push(event_of(1), start_of_time);
  CHECK_FALSE(at.batches.wake_at({led_in_turn, first_node}));
  CHECK(at.batches.wake_at({led_in_turn, second_node}) == start_of_time + 10ms);
  at.queue.push(event_of(2), start_of_time + 3ms);
  CHECK(at.batches.wake_at({led_in_turn, first_node}) == start_of_time + 13ms);
  CHECK(at.batches.wake_at() == start_of_time + 10ms);
}

}  // namespace
}  // namespace vibes::test
