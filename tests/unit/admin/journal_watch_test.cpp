#include <catch2/catch.hpp>

#include "daemon/admin/journal_advice.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using store::journal_state;

constexpr time_point start{std::chrono::hours(1)};

TEST_CASE("A journal that fails is said once, however soon the next try fails too",
          "[journal_watch]") {
  admin::journal_watch watch(10s);
  CHECK(watch.is_due(journal_state::healthy, false, start));
  CHECK_FALSE(watch.is_due(journal_state::healthy, false, start + 1min));
  const time_point failed = start + 2min;
  CHECK(watch.is_due(journal_state::failed, false, failed));
  for (const auto later : {1ms, 1'000ms, 3'000ms, 7'000ms, 9'999ms}) {
    CHECK_FALSE(watch.is_due(journal_state::failed, false, failed + later));
  }
  CHECK(watch.is_due(journal_state::failed, false, failed + 10s));
  CHECK_FALSE(watch.is_due(journal_state::failed, false, failed + 15s));
  CHECK(watch.is_due(journal_state::failed, false, failed + 20s));
  CHECK(watch.is_due(journal_state::healthy, false, failed + 21s));
  CHECK_FALSE(watch.is_due(journal_state::healthy, false, failed + 1h));
}

TEST_CASE("A journal that fails again has failed anew", "[journal_watch]") {
  admin::journal_watch watch(10s);
  CHECK(watch.is_due(journal_state::failed, false, start));
  CHECK(watch.is_due(journal_state::healthy, false, start + 1s));
  CHECK(watch.is_due(journal_state::failed, false, start + 2s));
  CHECK_FALSE(watch.is_due(journal_state::failed, false, start + 11s));
  CHECK(watch.is_due(journal_state::failed, false, start + 12s));
}

TEST_CASE("A journal that is full now and then is said now and then", "[journal_watch]") {
  admin::journal_watch watch(10s);
  CHECK(watch.is_due(journal_state::healthy, false, start));
  CHECK(watch.is_due(journal_state::healthy, true, start + 1s));
  CHECK_FALSE(watch.is_due(journal_state::healthy, true, start + 1h));
  CHECK_FALSE(watch.is_due(journal_state::healthy, false, start + 1h));
  CHECK(watch.is_due(journal_state::healthy, true, start + 2h));
  for (auto at = start + 2h; at < start + 2h + 9s; at += 1s) {
    CHECK_FALSE(watch.is_due(journal_state::healthy, false, at));
    CHECK_FALSE(watch.is_due(journal_state::healthy, true, at));
  }
  CHECK_FALSE(watch.is_due(journal_state::healthy, false, start + 2h + 9s));
  CHECK(watch.is_due(journal_state::healthy, true, start + 2h + 10s));
}

}  // namespace
}  // namespace vibes::test
