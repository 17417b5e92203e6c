#include "tests/network/delivery_oracle.hpp"

#include <catch2/catch.hpp>

// The judge of the network test, judged.

namespace vibes::test {
namespace {

struct written_and_stored {
  delivery_oracle oracle;
  std::vector<stored_event> stored;

  explicit written_and_stored(std::size_t events) {
    for (std::size_t i = 0; i < events; ++i) stored.push_back({i, 0, i, {1, i}, oracle.write("s")});
  }
};

TEST_CASE("Everything stored as it was written is all well", "[network]") {
  const written_and_stored all(40);
  CHECK(all.oracle.findings(all.stored).empty());
  CHECK(delivery_oracle::repeated(all.stored) == 0);
}

TEST_CASE("A missing event is found, in the middle and at the end", "[network]") {
  written_and_stored all(5);
  const bool at_end = GENERATE(false, true);
  all.stored.erase(at_end ? all.stored.end() - 1 : all.stored.begin() + 2);
  CHECK_FALSE(all.oracle.findings(all.stored).empty());
}

TEST_CASE("Two events in the wrong order are found", "[network]") {
  written_and_stored all(5);
  std::swap(all.stored[1].payload, all.stored[2].payload);
  CHECK_FALSE(all.oracle.findings(all.stored).empty());
}

TEST_CASE("A changed byte and an event that nobody wrote are found", "[network]") {
  written_and_stored all(5);
  SECTION("a byte") {
    all.stored[3].payload.back() = '!';
  }
  SECTION("an event") {
    all.stored.push_back({9, 0, 9, {1, 9}, event_line("t", 1)});
  }
  SECTION("a number too many") {
    all.stored.push_back({9, 0, 9, {1, 9}, event_line("s", 6)});
  }
  CHECK_FALSE(all.oracle.findings(all.stored).empty());
}

TEST_CASE("What is there again behind itself is counted, and has to have the same id",
          "[network]") {
  written_and_stored all(5);
  all.stored.push_back({9, 0, 5, all.stored[2].id, all.stored[2].payload});
  CHECK(all.oracle.findings(all.stored).empty());
  CHECK(delivery_oracle::repeated(all.stored) == 1);
  CHECK(delivery_oracle::repeated(all.stored, {"s"}) == 0);
  all.stored.back().id.second = 77;
  CHECK(all.oracle.findings(all.stored).size() == 1);
}

TEST_CASE("A session that goes on in another partition is held to its order by time", "[network]") {
  written_and_stored all(4);
  all.stored[2].partition = all.stored[3].partition = 1;
  all.stored[2].offset = 0;
  all.stored[3].offset = 1;
  CHECK(all.oracle.findings(all.stored).empty());
  all.stored[3].stored_us = 0;
  CHECK_FALSE(all.oracle.findings(all.stored).empty());
}

}  // namespace
}  // namespace vibes::test
