#include "daemon/consumer/read_positions.hpp"

#include <catch2/catch.hpp>

#include "daemon/consumer/consumer.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using consumer::offset_before_end;
using consumer::read_positions;
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

using jump = read_positions::jump;
constexpr time_point some_time{1h};

bool same(const std::optional<jump>& one, const std::optional<jump>& other) {
  if (!one || !other) return one.has_value() == other.has_value();
  return one->partition == other->partition && one->from == other->from && one->to == other->to;
}

TEST_CASE("A position before what is there moves to the first that is", "[read_positions]") {
  for (const bool reached : {false, true}) {
    read_positions positions({7});
    positions.seek(7, 5, reached);
    CHECK(same(positions.found(7, 12, 20, some_time), jump{7, 5, 12}));
    CHECK(next_of(positions) == offsets{12});
    positions.handed_out(7, 12);
    CHECK_FALSE(positions.found(7, 13, 20, some_time));
    CHECK(same(positions.found(7, 14, 20, some_time), jump{7, 13, 14}));
  }
}

TEST_CASE("Who reads from the beginning misses nothing that is gone", "[read_positions]") {
  read_positions positions({7});
  CHECK_FALSE(positions.found(7, 12, 20, some_time));
}

TEST_CASE("A committed position behind the end goes back to the beginning at once",
          "[read_positions]") {
  read_positions positions({0, 7});
  positions.seek(7, 5, true);
  CHECK_FALSE(positions.found(7, std::nullopt, 4, some_time));
  CHECK(same(positions.found(7, std::nullopt, 3, some_time), jump{7, 5, 0}));
  CHECK(next_of(positions) == offsets{0, 0});
  CHECK_FALSE(positions.found(7, std::nullopt, 0, some_time));
}

TEST_CASE("An offset that somebody chose may lie behind the end", "[read_positions]") {
  read_positions positions({7});
  positions.seek(7, 1'000);
  CHECK_FALSE(positions.found(7, std::nullopt, 3, some_time));
  CHECK_FALSE(positions.found(7, std::nullopt, 3, some_time + 1h));
  CHECK(next_of(positions) == offsets{1'000});
}

TEST_CASE("A partition may be behind for a moment before what was read is taken for gone",
          "[read_positions]") {
  const duration patience = read_positions::beyond_patience;
  read_positions positions({7});
  positions.handed_out(7, 9);
  CHECK_FALSE(positions.found(7, std::nullopt, 3, some_time));
  CHECK_FALSE(positions.found(7, std::nullopt, 3, some_time + patience - 1ns));
  SECTION("it comes up to it") {
    CHECK_FALSE(positions.found(7, std::nullopt, 9, some_time + patience));
    CHECK_FALSE(positions.found(7, std::nullopt, 3, some_time + patience));  // counted anew
    CHECK(next_of(positions) == offsets{10});
  }
  SECTION("it does not") {
    CHECK(same(positions.found(7, std::nullopt, 3, some_time + patience), jump{7, 10, 0}));
    CHECK(handed_out_of(positions) == offsets{{}});  // or an old offset would be committed
  }
}

TEST_CASE("Partitions that come are read from their beginning, those that go are left",
          "[read_positions]") {
  read_positions positions({0, 1});
  positions.handed_out(1, 5);
  CHECK(positions.take_up({0, 1, 2, 3}) == 2);
  CHECK(positions.take_up({0, 1, 2, 3}) == 0);
  CHECK(next_of(positions) == offsets{0, 6, 0, 0});
  for (int i = 0; i < 3; ++i) positions.take_turn();
  CHECK(positions.leave_others({1, 2}) == 2);
  CHECK(next_of(positions) == offsets{6, 0});
  CHECK(positions.take_turn().partition != positions.take_turn().partition);
  CHECK(positions.leave_others({9}) == 0);
  CHECK(positions.size() == 2);
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
    std::vector<consumer::consumer::committed_offset> stored;
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
  for (const auto& each : cases) CHECK(consumer::consumer::smallest(each.stored) == each.smallest);
}

}  // namespace
}  // namespace vibes::test
