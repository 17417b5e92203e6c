#include "daemon/store/journal_health.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using store::journal_health;
using store::journal_state;

const error_code broken = make_error_code(boost::system::errc::io_error);

journal_health with_journal() {
  return journal_health({true, true, 1s, 5s});
}

}  // namespace

TEST_CASE("A journal is opened at once, and is healthy when that worked", "[journal health]") {
  journal_health health = with_journal();
  CHECK(health.state() == journal_state::opening);
  CHECK(health.open_at() <= start_of_time);
  CHECK_FALSE(health.offers_durable());
  health.opened();
  CHECK(health.is_healthy());
  CHECK(health.offers_durable());
  CHECK_FALSE(health.last_error_at());
}

TEST_CASE("Without a journal, or with one that is given up, it is off", "[journal health]") {
  CHECK(journal_health({false, true, 1s, 5s}).is_off());
  journal_health health = with_journal();
  CHECK(health.failed(broken, true, start_of_time) == journal_state::opening);
  health.give_up(broken);
  CHECK(health.is_off());
  CHECK(health.last_error() == broken);
}

TEST_CASE("Only a journal that syncs every group offers durable", "[journal health]") {
  journal_health health({true, false, 1s, 5s});
  health.opened();
  CHECK_FALSE(health.offers_durable());
}

TEST_CASE("The pause between attempts to open doubles up to its limit", "[journal health]") {
  journal_health health = with_journal();
  for (const duration pause : {1s, 2s, 4s, 5s, 5s}) {
    health.failed(broken, true, start_of_time);
    CHECK(health.open_at() == start_of_time + pause);
  }
  SECTION("and stays long when only the opening works") {
    health.opened();
    CHECK(health.failed(broken, false, start_of_time) == journal_state::healthy);
    CHECK(health.open_at() == start_of_time + 5s);
  }
  SECTION("and is short again after a job was written") {
    health.opened();
    health.wrote();
    health.failed(broken, false, start_of_time);
    CHECK(health.open_at() == start_of_time + 1s);
  }
}

TEST_CASE("A failure that ends no attempt does not put off the next one", "[journal health]") {
  journal_health health = with_journal();
  health.failed(broken, true, start_of_time);
  CHECK(health.failed(broken, false, start_of_time + 500ms) == journal_state::failed);
  CHECK(health.open_at() == start_of_time + 1s);
}

TEST_CASE("A failure without an error of its own keeps the last one", "[journal health]") {
  journal_health health = with_journal();
  health.opened();
  health.note_error(broken, start_of_time);
  CHECK(health.is_healthy());
  health.failed({}, false, start_of_time + 1s);
  CHECK(health.last_error() == broken);
  CHECK(health.last_error_at() == start_of_time);
}

}  // namespace vibes::test
