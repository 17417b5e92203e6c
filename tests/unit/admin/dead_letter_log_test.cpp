#include "daemon/admin/dead_letter_log.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "tests/support/seed.hpp"

namespace vibes::test {
namespace {

using admin::dead_letter_buffer;
using admin::dead_letter_sizes;
using admin::dead_letter_step;
using admin::next_dead_letter_step;

TEST_CASE("The file is moved aside when the next letter would take it over half", "[dead_letter]") {
  CHECK(next_dead_letter_step({0, 0}, 50, 100) == dead_letter_step::append);
  CHECK(next_dead_letter_step({40, 0}, 10, 100) == dead_letter_step::append);
  CHECK(next_dead_letter_step({41, 0}, 10, 100) == dead_letter_step::rotate);
  CHECK(next_dead_letter_step({0, 50}, 50, 100) == dead_letter_step::append);
  CHECK(next_dead_letter_step({0, 51}, 50, 100) == dead_letter_step::discard_old);
}

TEST_CASE("Both files never take more than they may, whatever there was before", "[dead_letter]") {
  std::mt19937_64 random(random_seed());
  constexpr std::uint64_t bytes_max = 1'000;
  for (int round = 0; round < 2'000; ++round) {
    dead_letter_sizes at{random() % 3'000, random() % 3'000};
    for (int letter = 0; letter < 20; ++letter) {
      const std::uint64_t adding = 1 + random() % (bytes_max / 2);
      int steps = 0;
      while (next_dead_letter_step(at, adding, bytes_max) != dead_letter_step::append) {
        if (next_dead_letter_step(at, adding, bytes_max) == dead_letter_step::rotate) {
          at = {0, at.current};
        } else {
          REQUIRE(at.old > 0);
          at.old = 0;
        }
        REQUIRE(++steps <= 2);
      }
      at.current += adding;
      REQUIRE(at.current <= bytes_max / 2);
      REQUIRE(at.current + at.old <= bytes_max);
    }
  }
}

TEST_CASE("The buffer is bounded, and counts what it drops", "[dead_letter]") {
  dead_letter_buffer buffer(10);
  buffer.add("12345");
  buffer.add("12345");
  buffer.add("x");
  CHECK(buffer.dropped() == 1);
  CHECK(buffer.take() == std::deque<std::string>{"12345", "12345"});
  CHECK(buffer.empty());
  // What is being written still counts.
  buffer.add("x");
  CHECK(buffer.dropped() == 2);
  buffer.written(5);
  buffer.add("1234");
  CHECK(buffer.dropped() == 2);
  CHECK(buffer.held_bytes() == 9);
}

TEST_CASE("One letter fits into an empty buffer, whatever its size", "[dead_letter]") {
  dead_letter_buffer buffer(10);
  buffer.add(std::string(1'000, 'x'));
  CHECK(buffer.dropped() == 0);
  buffer.add("x");
  CHECK(buffer.dropped() == 1);
}

}  // namespace
}  // namespace vibes::test
