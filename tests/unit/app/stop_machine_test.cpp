#include "daemon/app/stop_machine.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using app::stop_limits;
using app::stop_machine;
using app::stop_step;
using app::stop_view;

constexpr time_point start{};

stop_limits drain_for(duration drain) {
  stop_limits limits;
  limits.drain = drain;
  return limits;
}

stop_machine draining_since_start(duration drain = 10s) {
  stop_machine stop(drain_for(drain), start);
  stop_view read;
  read.producers_read = true;
  REQUIRE(stop.advance(read, start) == stop_step::draining);
  return stop;
}

TEST_CASE("A stop reads, drains, closes the journal and is done", "[stop]") {
  stop_machine stop(drain_for(10s), start);
  stop_view seen;
  CHECK(stop.advance(seen, start) == stop_step::reading);
  seen.producers_read = true;
  CHECK(stop.advance(seen, start) == stop_step::draining);
  CHECK(stop.advance(seen, start + 9s) == stop_step::draining);
  seen.link_stopped = true;
  CHECK(stop.advance(seen, start + 9s) == stop_step::closing);
  CHECK(stop.advance(seen, start + 9s) == stop_step::closing);
  seen.journal_closed = true;
  CHECK(stop.advance(seen, start + 9s) == stop_step::done);
  CHECK(stop.advance(seen, start + 9s) == stop_step::done);
  CHECK_FALSE(stop.ended_early());
  CHECK_FALSE(stop.link_hangs());
}

TEST_CASE("A stop in which nothing ever happens is done in its limits", "[stop]") {
  for (const stop_view seen : {stop_view{}, stop_view{true}}) {
    const stop_limits limits = drain_for(10s);
    stop_machine stop(limits, start);
    time_point now = start;
    while (stop.advance(seen, now) != stop_step::done) {
      now += 5ms;
      REQUIRE(now < start + 60s);
    }
    CHECK(now - start >= limits.drain);
    CHECK(now - start <= limits.drain + limits.link_close + limits.journal_close + 20ms);
    CHECK(stop.link_hangs());
    CHECK_FALSE(stop.ended_early());
  }
}

TEST_CASE("The drain ends early only when Iggy is away and everything is on disk", "[stop]") {
  for (int bits = 0; bits < 4; ++bits) {
    stop_machine stop = draining_since_start();
    stop_view seen;
    seen.producers_read = true;
    seen.iggy_away = (bits & 1) != 0;
    seen.all_on_disk = (bits & 2) != 0;
    CAPTURE(seen.iggy_away, seen.all_on_disk);
    const bool early = bits == 3;
    CHECK(stop.advance(seen, start + 5ms) == (early ? stop_step::cutting : stop_step::draining));
    CHECK(stop.ended_early() == early);
  }
}

TEST_CASE("A connection that does not close holds up a stop with nothing to send for a moment only",
          "[stop]") {
  stop_machine stop = draining_since_start(1h);
  stop_view seen;
  seen.nothing_queued = true;
  CHECK(stop.advance(seen, start + 500ms) == stop_step::draining);
  CHECK(stop.advance(seen, start + 1s) == stop_step::cutting);
  CHECK(stop.advance(seen, start + 1'500ms) == stop_step::cutting);
  CHECK(stop.advance(seen, start + 2s) == stop_step::closing);
  CHECK(stop.link_hangs());
}

TEST_CASE("A link that stops late is not one that hangs", "[stop]") {
  stop_machine stop = draining_since_start(1s);
  stop_view seen;
  CHECK(stop.advance(seen, start + 1s) == stop_step::cutting);
  seen.link_stopped = true;
  CHECK(stop.advance(seen, start + 2s) == stop_step::closing);
  CHECK_FALSE(stop.link_hangs());
}

TEST_CASE("A skipped drain ends what waits for it, whatever step it is in", "[stop]") {
  stop_machine reading(drain_for(1h), start);
  reading.skip_drain(start + 1s);
  CHECK(reading.advance({}, start + 1s) == stop_step::cutting);
  stop_machine draining = draining_since_start(1h);
  draining.skip_drain(start + 1s);
  CHECK(draining.advance({}, start + 1s) == stop_step::cutting);
  CHECK(draining.advance({}, start + 2s) == stop_step::closing);
  CHECK(draining.advance({}, start + 5s) == stop_step::done);
}

}  // namespace
}  // namespace vibes::test
