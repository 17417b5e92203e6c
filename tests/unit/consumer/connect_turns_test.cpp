#include "daemon/base/connect_turns.hpp"

#include <catch2/catch.hpp>
#include <vector>

namespace vibes::test {
namespace {

using namespace std::chrono_literals;

constexpr time_point begin_of_time{1h};

/// The addresses of one round in which none answers; each takes the whole of its turn.
std::vector<std::size_t> silent_round(connect_turns& turns, std::size_t count, duration time) {
  std::vector<std::size_t> tried;
  turns.begin(count, begin_of_time + time);
  time_point now = begin_of_time;
  while (const auto turn = turns.next(now)) {
    tried.push_back(turn->index);
    now = turn->deadline;
  }
  CHECK(now <= begin_of_time + time);
  return tried;
}

using indices = std::vector<std::size_t>;

TEST_CASE("Addresses share the time in equal parts", "[turns]") {
  connect_turns turns;
  turns.begin(4, begin_of_time + 8s);
  CHECK(turns.next(begin_of_time)->deadline == begin_of_time + 2s);
  // What a quick refusal leaves is for those behind it.
  CHECK(turns.next(begin_of_time)->deadline == begin_of_time + duration(8s) / 3);
  CHECK(turns.next(begin_of_time + 4s)->deadline == begin_of_time + 6s);
  CHECK(turns.next(begin_of_time + 6s)->deadline == begin_of_time + 8s);
  CHECK_FALSE(turns.next(begin_of_time + 6s));
}

TEST_CASE("One address has all of the time", "[turns]") {
  connect_turns turns;
  turns.begin(1, begin_of_time + 5s);
  CHECK(turns.next(begin_of_time)->deadline == begin_of_time + 5s);
}

TEST_CASE("A round without an address, or without time, has no turn", "[turns]") {
  connect_turns turns;
  CHECK_FALSE(turns.next(begin_of_time));
  turns.begin(0, begin_of_time + 5s);
  CHECK_FALSE(turns.next(begin_of_time));
  turns.begin(2, begin_of_time);
  CHECK_FALSE(turns.next(begin_of_time));
}

TEST_CASE("Where the time is too short for all, they take turns from round to round", "[turns]") {
  connect_turns turns;
  CHECK(silent_round(turns, 5, 1s) == indices{0, 1});
  CHECK(silent_round(turns, 5, 1s) == indices{2, 3});
  CHECK(silent_round(turns, 5, 1s) == indices{4, 0});
  CHECK(silent_round(turns, 5, 50ms) == indices{1});
}

TEST_CASE("A round that tried all of them begins where the last one did", "[turns]") {
  connect_turns turns;
  CHECK(silent_round(turns, 3, 6s) == indices{0, 1, 2});
  CHECK(silent_round(turns, 3, 6s) == indices{0, 1, 2});
}

TEST_CASE("The next round begins with the address that connected", "[turns]") {
  connect_turns turns;
  turns.begin(3, begin_of_time + 6s);
  turns.next(begin_of_time);
  turns.next(begin_of_time);
  turns.connected();
  CHECK(silent_round(turns, 3, 6s) == indices{1, 2, 0});
  // The name has fewer addresses now.
  turns.begin(3, begin_of_time + 6s);
  for (int i = 0; i < 2; ++i) turns.next(begin_of_time);
  turns.connected();
  CHECK(silent_round(turns, 1, 6s) == indices{0});
}

}  // namespace
}  // namespace vibes::test
