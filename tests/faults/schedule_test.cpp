#include "tests/faults/schedule.hpp"

#include <catch2/catch.hpp>
#include <set>

namespace vibes::faults {
namespace {

TEST_CASE("The same seed makes the same schedule, other seeds make others", "[faults]") {
  std::set<std::string> different;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CHECK(to_string(make_schedule(seed, {})) == to_string(make_schedule(seed, {})));
    different.insert(to_string(make_schedule(seed, {})));
  }
  CHECK(different.size() > 95);
}

TEST_CASE("Schedules have every fault in them and stay within their limits", "[faults]") {
  schedule_limits limits;
  limits.flips_requests = GENERATE(false, true);
  std::set<fault_kind> seen;
  bool flipped_up = false;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const std::vector<fault> made = make_schedule(seed, limits);
    CHECK((!made.empty() && made.size() <= limits.faults_max));
    for (const fault& each : made) {
      seen.insert(each.what);
      CHECK((each.lasts_ms >= limits.lasts_ms_min && each.lasts_ms <= limits.lasts_ms_max));
      CHECK((each.up || each.down));
      CHECK(each.mask != 0);
      flipped_up = flipped_up || (each.what == fault_kind::flip && each.up);
    }
  }
  CHECK(seen.size() == 9);
  CHECK_FALSE(seen.contains(fault_kind::none));
  CHECK(flipped_up == limits.flips_requests);
}

}  // namespace
}  // namespace vibes::faults
