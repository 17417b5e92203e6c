#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <cerrno>

#include "daemon/admin/journal_advice.hpp"
#include "daemon/admin/status_report.hpp"
#include "tests/unit/store/scheduler_simulation.hpp"

namespace vibes::test {
namespace {

boost::json::object report_of(const scheduler_simulation& simulation, std::uint64_t unix_us = 0) {
  const link::link_report link;
  const admin::intake_counters intake;
  const std::vector<admin::producer_info> producers;
  return admin::make_status({link,
                             {},
                             *simulation.box,
                             intake,
                             producers,
                             simulation.now,
                             simulation.now,
                             1,
                             0,
                             false,
                             std::nullopt,
                             "/j",
                             unix_us,
                             std::nullopt});
}

class reported_simulation : public scheduler_simulation {
 public:
  reported_simulation() : scheduler_simulation(small_memory_rules(store::overflow_policy::block)) {
    start();
    for (int i = 0; i < 10; ++i) offer(0, level::received);
  }
  boost::json::object journal() const { return report_of(*this).at("journal").as_object(); }
};

}  // namespace

TEST_CASE("The status tells of the journal", "[scheduler]") {
  reported_simulation simulation;
  CHECK(simulation.journal().at("not_durable_events") == 10);
  simulation.work();
  const boost::json::object report = simulation.journal();
  CHECK(report.at("state") == "healthy");
  CHECK(report.at("directory") == "/j");
  CHECK(report.at("durable") == true);
  CHECK(report.at("live_events") == 10);
  CHECK(report.at("tail_events") == 6);
  CHECK(report.at("not_durable_events") == 0);
  CHECK(report.at("last_error").is_null());
}

TEST_CASE("The status says what is wrong with the disk", "[scheduler]") {
  reported_simulation simulation;
  simulation.disk.fail_call(fake_file_system::call::write, 0, ENOSPC);
  simulation.work();
  const boost::json::object report = simulation.journal();
  CHECK(report.at("state") == "failed");
  CHECK(report.at("durable") == false);
  CHECK(report.at("failures") == 1);
  CHECK(report.at("last_error").at("code") == ENOSPC);
  const std::string line = admin::explain_journal(simulation.box->journal(), "/j");
  CHECK_THAT(line, Catch::StartsWith("journal in /j has failed: the disk is full ["));
  CHECK(admin::journal_log_level(simulation.box->journal()) == log_level::error);
}

namespace {

/// The simulation takes its n-th event n microseconds after the epoch.
constexpr std::uint64_t hour_us = 3'600'000'000;

std::int64_t oldest_age_ms(const scheduler_simulation& simulation, std::uint64_t unix_us) {
  return report_of(simulation, unix_us).at("queue").at("oldest_age_ms").to_number<std::int64_t>();
}

}  // namespace

TEST_CASE("The oldest event's age goes on over a restart", "[scheduler]") {
  reported_simulation simulation;
  simulation.work();
  simulation.kill();
  simulation.start();
  simulation.work();
  REQUIRE(simulation.box->queue().oldest() != nullptr);
  CHECK(oldest_age_ms(simulation, hour_us) == 3'599'999);
  simulation.pass(2s);
  CHECK(oldest_age_ms(simulation, hour_us + 2'000'000) == 3'601'999);
  // A clock that was set back: at least as long as it is here.
  CHECK(oldest_age_ms(simulation, 0) == 2'000);
}

TEST_CASE("The oldest event's age goes on over the disk", "[scheduler]") {
  reported_simulation simulation;
  simulation.work();
  simulation.pass(1min);
  CHECK(oldest_age_ms(simulation, hour_us) ==
        60'000);  // taken here, by the clock that is never set
  REQUIRE(simulation.box->drop_up_to(4, 4) == 4);
  simulation.work();
  REQUIRE(simulation.box->queue().oldest()->sequence == 5);
  CHECK(oldest_age_ms(simulation, hour_us) == 3'599'999);
}

TEST_CASE("What is on disk only has an age, also while the disk does not give it", "[scheduler]") {
  reported_simulation simulation;
  simulation.work();
  simulation.disk.fail_call(fake_file_system::call::write, 0, EIO);
  REQUIRE(simulation.box->drop_up_to(4, 4) == 4);
  REQUIRE(simulation.box->queue().empty());
  CHECK(oldest_age_ms(simulation, hour_us) == 3'599'999);
  CHECK(oldest_age_ms(simulation, 0) == 0);
}

TEST_CASE("An empty queue has no age, whatever was on disk", "[scheduler]") {
  reported_simulation simulation;
  simulation.work();
  simulation.drain();
  CHECK(oldest_age_ms(simulation, hour_us) == 0);
}

TEST_CASE("A journal that is there late has the oldest event's age", "[scheduler]") {
  reported_simulation simulation;
  simulation.work();
  simulation.kill();
  simulation.disk.fail_call(fake_file_system::call::any, 1, EIO);
  simulation.start();
  REQUIRE(simulation.box->journal().health().state() == store::journal_state::failed);
  simulation.offer(0, scheduler_simulation::level::received);
  CHECK(oldest_age_ms(simulation, hour_us) == 0);
  simulation.pass(2s);
  simulation.work();
  CHECK(oldest_age_ms(simulation, hour_us) == 3'599'999);
}

TEST_CASE("People see the journal's state and what was found", "[scheduler]") {
  reported_simulation simulation;
  simulation.work();
  simulation.kill();
  simulation.start();
  CHECK(admin::explain_journal(simulation.box->journal(), "/j") ==
        "journal in /j is open: 10 events in 1 segments wait to be sent");
  CHECK_THAT(admin::human_status(report_of(simulation)), Catch::Contains("journal\n  state"));
}

}  // namespace vibes::test
