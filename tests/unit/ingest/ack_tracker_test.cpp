#include "daemon/ingest/ack_tracker.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "tests/support/seed.hpp"

namespace vibes::test {
namespace {

using ingest::ack_tracker;
using mark = std::optional<std::uint64_t>;

ack_tracker oracle_of(std::uint64_t lines) {
  ack_tracker tracker;
  for (std::uint64_t line = 1; line <= lines; ++line) REQUIRE(tracker.count_line() == line);
  return tracker;
}

TEST_CASE("A new book has nothing to tell and nothing open", "[ack_book]") {
  ack_tracker tracker;
  CHECK(tracker.mark() == 0);
  CHECK(tracker.all_settled());
  CHECK(tracker.take_cumulative() == mark{});
}

TEST_CASE("Lines that settle at once move the mark as one by one, also those settled before",
          "[ack_book]") {
  ack_tracker tracker = oracle_of(200);
  std::vector<std::uint64_t> lines;
  for (std::uint64_t line = 150; line >= 2; --line) lines.push_back(line);
  tracker.settle(lines);
  CHECK(tracker.mark() == 0);
  lines = {1, 2, 150, 151};
  tracker.settle(lines);
  CHECK(tracker.mark() == 151);
  lines = {1, 64, 152};
  tracker.settle(lines);
  CHECK(tracker.mark() == 152);
}

TEST_CASE("Lines that settle in order move the mark one by one", "[ack_book]") {
  ack_tracker tracker = oracle_of(200);
  CHECK_FALSE(tracker.all_settled());
  CHECK(tracker.take_cumulative() == mark{});
  for (std::uint64_t line = 1; line <= 200; ++line) {
    tracker.settle(line);
    REQUIRE(tracker.take_cumulative() == mark{line});
    REQUIRE(tracker.take_cumulative() == mark{});
    REQUIRE(tracker.all_settled() == (line == 200));
  }
}

TEST_CASE("Lines that settle backwards move the mark at the very end", "[ack_book]") {
  ack_tracker tracker = oracle_of(200);
  for (std::uint64_t line = 200; line > 1; --line) {
    tracker.settle(line);
    REQUIRE(tracker.take_cumulative() == mark{});
  }
  tracker.settle(1);
  CHECK(tracker.take_cumulative() == mark{200});
  CHECK(tracker.all_settled());
}

TEST_CASE("One open line holds back all behind it, wherever it stands", "[ack_book]") {
  for (const std::uint64_t open :
       {1u, 2u, 63u, 64u, 65u, 127u, 128u, 129u, 192u, 193u, 299u, 300u}) {
    CAPTURE(open);
    ack_tracker tracker = oracle_of(300);
    for (std::uint64_t line = 1; line <= 300; ++line) {
      if (line != open) tracker.settle(line);
    }
    CHECK(tracker.mark() == open - 1);
    CHECK(tracker.take_cumulative() == (open > 1 ? mark{open - 1} : mark{}));
    CHECK_FALSE(tracker.all_settled());
    tracker.settle(open);
    CHECK(tracker.take_cumulative() == mark{300});
    CHECK(tracker.all_settled());
  }
}

TEST_CASE("One mark stands for all that settled since the last", "[ack_book]") {
  ack_tracker tracker = oracle_of(10);
  for (const std::uint64_t line : {1u, 2u, 3u, 5u, 6u}) tracker.settle(line);
  CHECK(tracker.take_cumulative() == mark{3});
  tracker.settle(8);
  CHECK(tracker.take_cumulative() == mark{});
  tracker.settle(4);
  CHECK(tracker.take_cumulative() == mark{6});
}

TEST_CASE("A line may settle again, as one lost after it was received", "[ack_book]") {
  for (const std::uint64_t lines : {1u, 63u, 64u, 65u, 128u, 200u}) {
    CAPTURE(lines);
    ack_tracker tracker = oracle_of(lines);
    for (std::uint64_t line = 1; line <= lines; ++line) tracker.settle(line);
    CHECK(tracker.take_cumulative() == mark{lines});
    for (std::uint64_t line = 1; line <= lines; ++line) tracker.settle(line);
    CHECK(tracker.take_cumulative() == mark{});
    CHECK(tracker.mark() == lines);
    CHECK(tracker.all_settled());
  }
}

TEST_CASE("The last line of a full word settles with none behind it", "[ack_book]") {
  ack_tracker tracker = oracle_of(64);
  for (std::uint64_t line = 1; line <= 64; ++line) tracker.settle(line);
  CHECK(tracker.mark() == 64);
  CHECK(tracker.all_settled());
  CHECK(tracker.count_line() == 65);
  CHECK(tracker.mark() == 64);
  CHECK_FALSE(tracker.all_settled());
  tracker.settle(65);
  CHECK(tracker.mark() == 65);
  CHECK(tracker.all_settled());
}

/// The same in its plainest form.
struct plain_tracker {
  std::vector<bool> settled;
  std::uint64_t taken = 0;

  std::uint64_t mark_now() const {
    std::uint64_t line = 0;
    while (line < settled.size() && settled[line]) ++line;
    return line;
  }
  mark take() {
    const std::uint64_t now = mark_now();
    return now == std::exchange(taken, now) ? mark{} : mark{now};
  }
};

TEST_CASE("Random completions give the marks of a plain book", "[ack_book]") {
  std::mt19937_64 random(random_seed());
  for (int round = 0; round < 200; ++round) {
    ack_tracker tracker;
    plain_tracker plain;
    const std::uint64_t in_flight = 1 + random() % 150;
    for (int step = 0; step < 500; ++step) {
      CAPTURE(round, step);
      const std::uint64_t from = plain.mark_now();
      const std::uint64_t counted = plain.settled.size();
      if (counted - from < in_flight && random() % 2 == 0) {
        plain.settled.push_back(false);
        REQUIRE(tracker.count_line() == counted + 1);
      } else if (counted > 0) {
        const std::uint64_t oldest = from > 5 ? from - 5 : 0;  // some settle for the second time
        const std::uint64_t index = std::min(oldest + random() % (in_flight + 5), counted - 1);
        plain.settled[index] = true;
        tracker.settle(index + 1);
      }
      REQUIRE(tracker.mark() == plain.mark_now());
      REQUIRE(tracker.all_settled() == (plain.mark_now() == plain.settled.size()));
      if (random() % 4 == 0) REQUIRE(tracker.take_cumulative() == plain.take());
    }
  }
}

}  // namespace
}  // namespace vibes::test
