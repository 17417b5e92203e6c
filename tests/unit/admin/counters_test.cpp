#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "daemon/admin/intake_counters.hpp"
#include "daemon/admin/rate_limiter.hpp"
#include "daemon/store/loss_ledger.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using admin::intake_counters;
using admin::rate_limiter;
using store::loss_ledger;
using store::loss_reason;

constexpr time_point start{std::chrono::hours(1)};

TEST_CASE("The first line of a kind is written, then one a period", "[rate_limiter]") {
  // Not on the stack: there GCC 12 believes that an empty optional is read.
  const auto limiter = std::make_unique<rate_limiter>(1s);
  struct {
    duration at;
    std::optional<std::uint64_t> expected;
  } const cases[] = {
      {0ms, 0},
      {0ms, std::nullopt},
      {1ms, std::nullopt},
      {999ms, std::nullopt},
      {1'000ms, 3},  // says how many were kept back
      {1'999ms, std::nullopt},
      {2'000ms, 1},
      {3'000ms, 0},  // none was
      {1h, 0},
      {1h + 500ms, std::nullopt},
  };
  for (const auto& each : cases) {
    CAPTURE(each.at / 1ms);
    CHECK(limiter->admit(start + each.at) == each.expected);
  }
}

TEST_CASE("Each limiter counts for itself, and a period of zero keeps nothing back",
          "[rate_limiter]") {
  rate_limiter one(1s);
  rate_limiter other(1s);
  CHECK(one.admit(start) == 0U);
  CHECK(other.admit(start) == 0U);
  rate_limiter none(0s);
  for (int i = 0; i < 3; ++i) CHECK(none.admit(start) == 0U);
}

TEST_CASE("Refused lines are counted by code, and their sum with them", "[intake_counters]") {
  intake_counters counters;
  for (const char* const code : {"invalid_json", "too_long", "invalid_json", "invalid_json"}) {
    // The counter keeps the name: its caller's text may go.
    const std::string passing = code;
    counters.refused(passing);
  }
  CHECK(counters.lines_refused == 4);
  CHECK(counters.refused_by_code ==
        std::map<std::string, std::uint64_t, std::less<>>{{"invalid_json", 3}, {"too_long", 1}});
}

}  // namespace
}  // namespace vibes::test
