#include "daemon/reading/read_positions.hpp"

#include <catch2/catch.hpp>

#include "daemon/reading/consumer.hpp"

namespace vibes::test {
namespace {

using reading::consumer;
using reading::offset_before_end;
using reading::read_positions;
using offsets = std::vector<std::optional<std::uint64_t>>;

offsets next_of(const read_positions& positions) {
  offsets next;
  for (const auto& each : positions.all()) next.emplace_back(each.next);
  return next;
}

offsets handed_out_of(const read_positions& positions) {
  offsets out;
  for (const auto& each : positions.all()) out.push_back(each.handed_out);
  return out;
}

TEST_CASE("A reader begins at the beginning of each of its partitions", "[read_positions]") {
  const read_positions positions({0, 7, 3});
  CHECK(positions.size() == 3);
  CHECK(positions.all()[1].partition == 7);
  CHECK(next_of(positions) == offsets{0, 0, 0});
  CHECK(handed_out_of(positions) == offsets{{}, {}, {}});
}

TEST_CASE("What was handed out moves its own partition on", "[read_positions]") {
  read_positions positions({0, 7});
  positions.handed_out(7, 0);
  CHECK(next_of(positions) == offsets{0, 1});
  CHECK(handed_out_of(positions) == offsets{{}, 0});
  positions.handed_out(7, 41);
  CHECK(next_of(positions) == offsets{0, 42});
  CHECK(handed_out_of(positions) == offsets{{}, 41});
}

TEST_CASE("A seek forgets what was handed out: it must not be committed", "[read_positions]") {
  read_positions positions({0, 7});
  positions.handed_out(0, 5);
  positions.handed_out(7, 6);
  positions.seek(7, 2);
  CHECK(next_of(positions) == offsets{6, 2});
  CHECK(handed_out_of(positions) == offsets{5, {}});
}

TEST_CASE("A partition that is not read is not moved", "[read_positions]") {
  read_positions positions({0});
  positions.seek(1, 9);
  positions.handed_out(1, 9);
  CHECK(next_of(positions) == offsets{0});
  CHECK(handed_out_of(positions) == offsets{{}});
}

TEST_CASE("Partitions take turns, whatever they hold", "[read_positions]") {
  read_positions positions({4, 1, 9});
  std::vector<protocol::partition_id> turns;
  for (int i = 0; i < 7; ++i) {
    turns.push_back(positions.take_turn().partition);
    if (i == 2) positions.seek(1, 100);
  }
  CHECK(turns == std::vector<protocol::partition_id>{4, 1, 9, 4, 1, 9, 4});
}

TEST_CASE("Before the end is never before the beginning", "[read_positions]") {
  struct {
    std::uint64_t end;
    std::uint64_t n;
    std::uint64_t offset;
  } const cases[] = {
      {0, 0, 0},
      {0, 5, 0},
      {1, 0, 1},
      {1, 1, 0},
      {10, 3, 7},
      {10, 10, 0},
      {10, 11, 0},
      {10, ~std::uint64_t{0}, 0},
      {~std::uint64_t{0}, 1, ~std::uint64_t{0} - 1},
  };
  for (const auto& each : cases) {
    CAPTURE(each.end, each.n);
    CHECK(offset_before_end(each.end, each.n) == each.offset);
  }
}

TEST_CASE("The smallest committed offset is over all partitions, or there is none",
          "[read_positions]") {
  struct {
    std::vector<consumer::committed_offset> stored;
    std::optional<std::uint64_t> smallest;
  } const cases[] = {
      {{}, std::nullopt},
      {{{0, 5}}, 5},
      {{{0, 0}}, 0},
      {{{0, 5}, {1, 3}, {2, 9}}, 3},
      {{{0, 3}, {1, 3}}, 3},
      {{{0, std::nullopt}}, std::nullopt},
      {{{0, 5}, {1, std::nullopt}}, std::nullopt},
      {{{0, std::nullopt}, {1, 5}}, std::nullopt},
  };
  for (const auto& each : cases) CHECK(consumer::smallest(each.stored) == each.smallest);
}

}  // namespace
}  // namespace vibes::test
