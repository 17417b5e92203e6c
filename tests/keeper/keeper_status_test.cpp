#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <cerrno>

#include "daemon/control/journal_advice.hpp"
#include "daemon/control/status_report.hpp"
#include "tests/keeper/keeper_world.hpp"

namespace vibes::test {
namespace {

boost::json::object report_of(const keeper_world& world) {
  const upstream::link_report link;
  const control::intake_counters intake;
  const std::vector<control::producer_info> producers;
  return control::make_status({link,
                               {},
                               *world.box,
                               intake,
                               producers,
                               world.now,
                               world.now,
                               1,
                               0,
                               false,
                               std::nullopt,
                               "/j"});
}

class reported_world : public keeper_world {
 public:
  reported_world() : keeper_world(small_memory_rules(queue::overflow_policy::block)) {
    start();
    for (int i = 0; i < 10; ++i) offer(0, level::received);
  }
  boost::json::object journal() const { return report_of(*this).at("journal").as_object(); }
};

}  // namespace

TEST_CASE("The status tells of the journal", "[keeper]") {
  reported_world world;
  CHECK(world.journal().at("not_durable_events") == 10);
  world.work();
  const boost::json::object report = world.journal();
  CHECK(report.at("state") == "healthy");
  CHECK(report.at("directory") == "/j");
  CHECK(report.at("durable") == true);
  CHECK(report.at("live_events") == 10);
  CHECK(report.at("tail_events") == 6);
  CHECK(report.at("not_durable_events") == 0);
  CHECK(report.at("last_error").is_null());
}

TEST_CASE("The status says what is wrong with the disk", "[keeper]") {
  reported_world world;
  world.disk.fail_call(fake_file_system::call::write, 0, ENOSPC);
  world.work();
  const boost::json::object report = world.journal();
  CHECK(report.at("state") == "failed");
  CHECK(report.at("durable") == false);
  CHECK(report.at("failures") == 1);
  CHECK(report.at("last_error").at("code") == ENOSPC);
  const std::string line = control::explain_journal(world.box->journal(), "/j");
  CHECK_THAT(line, Catch::StartsWith("journal in /j has failed: the disk is full ["));
  CHECK(control::journal_log_level(world.box->journal()) == log_level::error);
}

TEST_CASE("People see the journal's state and what was found", "[keeper]") {
  reported_world world;
  world.work();
  world.kill();
  world.start();
  CHECK(control::explain_journal(world.box->journal(), "/j") ==
        "journal in /j is open: 10 events in 1 segments wait to be sent");
  CHECK_THAT(control::human_status(report_of(world)), Catch::Contains("journal\n  state"));
}

}  // namespace vibes::test
