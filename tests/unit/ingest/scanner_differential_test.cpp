#include <catch2/catch.hpp>
#include <map>

#include "tests/support/seed.hpp"
#include "tests/unit/ingest/random_json.hpp"
#include "tests/unit/ingest/scanner_support.hpp"
#include "tests/unit/ingest/tree_verdict.hpp"

// The scanner against Boost.JSON's tree of the same line (tree_verdict.hpp).

namespace vibes::test {
namespace {

using ingest::event_scanner;
using ingest::schema_mode;

constexpr int rounds = 20'000;

/// How often each verdict came; all acceptances count as one.
using verdict_counts = std::map<std::string, int>;

void compare(event_scanner& scanner, const std::string& line, verdict_counts& counts) {
  const std::string seen = verdict_of(scanner, line);
  CAPTURE(line);
  REQUIRE(seen == expected_verdict(line, seen));
  ++counts[seen.find(" of ") != seen.npos ? "accepted" : seen];
}

TEST_CASE("The scanner agrees with a tree of every random line", "[event_scanner][differential]") {
  random_json lines(random_seed());
  event_scanner scanner(schema_mode::lenient);
  verdict_counts counts;
  for (int round = 0; round < rounds; ++round) compare(scanner, lines.line(), counts);
  CHECK(counts["accepted"] > rounds / 4);
  for (const char* code : {"not_an_object", "duplicate_key", "missing_type", "session_id_type",
                           "nesting_too_deep", "number_out_of_range"}) {
    CAPTURE(code);
    CHECK(counts[code] > 0);
  }
  CHECK(counts["invalid_json"] == 0);
  CHECK(counts["invalid_utf8"] == 0);
  CHECK(counts["trailing_bytes"] == 0);
}

TEST_CASE("The scanner agrees with a tree of every damaged line", "[event_scanner][differential]") {
  random_json lines(random_seed() + 1);
  event_scanner scanner(schema_mode::lenient);
  verdict_counts counts;
  for (int round = 0; round < rounds; ++round) {
    compare(scanner, lines.damaged(lines.line()), counts);
  }
  CHECK(counts["accepted"] > rounds / 100);
  for (const char* code : {"invalid_json", "invalid_utf8", "trailing_bytes", "not_an_object"}) {
    CAPTURE(code);
    CHECK(counts[code] > 0);
  }
}

}  // namespace
}  // namespace vibes::test
