#include "daemon/link/backoff.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <vector>

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using link::backoff_delay;

/// Every delay that some random number gives, with how often: exact, because the span is small.
std::map<duration, int> delays(std::uint32_t attempt, duration min, duration max, int rounds) {
  std::map<duration, int> found;
  const int span = static_cast<int>((max - min).count()) + 1;
  for (int random = 0; random < rounds * span; ++random) {
    ++found[backoff_delay(attempt, min, max, static_cast<std::uint64_t>(random))];
  }
  return found;
}

TEST_CASE("The first retry waits between the floor and twice the floor", "[backoff]") {
  struct {
    std::uint32_t attempt;
    duration ceiling;
  } const cases[] = {{0, 6ns},  {1, 12ns},  {2, 24ns},   {3, 48ns},
                     {4, 96ns}, {5, 100ns}, {20, 100ns}, {~std::uint32_t{0}, 100ns}};
  for (const auto& each : cases) {
    CAPTURE(each.attempt);
    const auto found = delays(each.attempt, 3ns, 100ns, 1);
    CHECK(found.begin()->first == 3ns);
    CHECK(found.rbegin()->first == each.ceiling);
  }
}

TEST_CASE("Within its range every delay is as likely as any other", "[backoff]") {
  // 3..6 ns are four values, and 98 random numbers a round are no multiple of four.
  const auto found = delays(0, 3ns, 100ns, 4);
  REQUIRE(found.size() == 4);
  for (const auto& [delay, times] : found) {
    CAPTURE(delay.count());
    CHECK(times == 98);
  }
}

TEST_CASE("The ceiling never falls from one attempt to the next", "[backoff]") {
  duration before{};
  for (std::uint32_t attempt = 0; attempt < 70; ++attempt) {
    const duration ceiling = delays(attempt, 7ns, 5'000ns, 1).rbegin()->first;
    REQUIRE(ceiling >= before);
    before = ceiling;
  }
  CHECK(before == 5'000ns);
}

TEST_CASE("No setting and no random number leads out of the range", "[backoff]") {
  struct {
    const char* name;
    duration min;
    duration max;
  } const cases[] = {
      {"the default", 50ms, 10s},
      {"no floor", 0ns, 10s},
      {"one value", 3s, 3s},
      {"a floor of hours, far over what doubles without overflow", 20h, 24h * 365},
      {"the largest ceiling", 1h, duration::max()},
  };
  std::mt19937_64 random(1);
  for (const auto& each : cases) {
    CAPTURE(each.name);
    bool inside = true;
    for (std::uint32_t attempt = 0; attempt < 200; ++attempt) {
      for (const std::uint64_t number : {std::uint64_t{0}, ~std::uint64_t{0}, random(), random()}) {
        const duration delay = backoff_delay(attempt, each.min, each.max, number);
        inside = inside && delay >= each.min && delay <= each.max;
      }
    }
    CHECK(inside);
  }
}

TEST_CASE("A ceiling below the floor gives the floor", "[backoff]") {
  CHECK(backoff_delay(0, 5s, 1s, 12'345) == 5s);
}

TEST_CASE("Whatever the floor is, the ceiling reaches the longest wait", "[backoff]") {
  for (const duration floor : {duration(0ns), duration(1ms), duration(50ms), duration(5s)}) {
    CAPTURE(floor.count());
    std::mt19937_64 random(1);
    duration longest{};
    for (int i = 0; i < 1'000; ++i) {
      longest = std::max(longest, backoff_delay(60, floor, 10s, random()));
    }
    CHECK(longest > 9s);
  }
}

TEST_CASE("Over many failures waits spread evenly", "[backoff]") {
  constexpr int samples = 100'000;
  std::mt19937_64 random(20'261'123);
  std::vector<int> tenths(10, 0);
  for (int i = 0; i < samples; ++i) {
    const duration delay = backoff_delay(20, 50ms, 10s, random());
    const auto tenth = static_cast<std::size_t>((delay - 50ms) * 10 / (10s - 50ms + 1ns));
    ++tenths.at(tenth);
  }
  for (const int each : tenths) CHECK(std::abs(each - samples / 10) < samples / 200);
}

}  // namespace
}  // namespace vibes::test
