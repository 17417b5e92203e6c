#include "daemon/app/reporter.hpp"

#include <catch2/catch.hpp>

#include "protocol/error.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using app::reporter;
using boost::system::errc::make_error_code;
using link::link_event;
using line = reporter::line;

constexpr time_point start{1h};

reporter made_reporter() {
  return reporter({"logs", "app", "/var/lib/j"});
}

line notice(std::string text) {
  return log_line{log_level::notice, std::move(text)};
}
line warning(std::string text) {
  return log_line{log_level::warning, std::move(text)};
}
line error(std::string text) {
  return log_line{log_level::error, std::move(text)};
}

link::link_report connected() {
  link::link_report report;
  report.address = "a:1";
  report.gen = protocol::generation::iggy_0_7;
  report.server_version = "0.8.0";
  report.partitions_count = 3;
  return report;
}

link::link_report refused_connection() {
  link::link_report report;
  report.address = "a:1";
  report.last_error = make_error_code(boost::system::errc::connection_refused);
  report.last_error_in_connect = true;
  return report;
}

link::link_report topic_full() {
  link::link_report report = connected();
  report.last_error = make_error_code(protocol::iggy_errc::topic_full);
  return report;
}

const std::string refuses =
    "Iggy at a:1 refuses connections: is the server running? [Connection refused]";

TEST_CASE("A connection is said with its server, and a further node as one", "[reporter]") {
  reporter log = made_reporter();
  link::link_report report = connected();
  CHECK(log.link_event(report, link_event::up, false, start) ==
        notice("connected to Iggy 0.8.0 at a:1 (generation 0.7-0.8, 3 partitions of logs/app)"));
  report.server_version.clear();
  CHECK(log.link_event(report, link_event::up, true, start) ==
        notice("connected to Iggy at a:1 (generation 0.7-0.8, 3 partitions of logs/app)"));
  CHECK(log.link_event(report, link_event::topology_changed, false, start) ==
        notice("logs/app now has 3 partitions"));
  CHECK(log.link_event(report, link_event::redirected, false, start) ==
        notice("another node leads: leaving Iggy at a:1 for it"));
  report.is_node_link = true;
  CHECK(log.link_event(report, link_event::up, false, start) ==
        notice("connected to a further node of Iggy at a:1"));
  CHECK(log.link_event(report, link_event::none, false, start) == std::nullopt);
}

TEST_CASE("The same trouble of the link is said now and then, with what was kept back",
          "[reporter]") {
  reporter log = made_reporter();
  const link::link_report away = refused_connection();
  CHECK(log.link_event(away, link_event::lost, false, start) == warning(refuses));
  CHECK(log.link_event(away, link_event::attempt_failed, false, start + 1s) == std::nullopt);
  CHECK(log.link_event(away, link_event::attempt_failed, false, start + 9'999ms) == std::nullopt);
  CHECK(log.link_event(away, link_event::attempt_failed, false, start + 10s) ==
        warning(refuses + "; 2 more of late"));
}

TEST_CASE("A new kind of trouble is said at once, and after a connection an old one is new",
          "[reporter]") {
  reporter log = made_reporter();
  CHECK(log.link_event(refused_connection(), link_event::lost, false, start) == warning(refuses));
  const line refused = log.link_event(topic_full(), link_event::event_refused, false, start + 1s);
  REQUIRE(refused);
  CHECK(refused->level == log_level::error);
  CHECK(refused->text.starts_with("Iggy at a:1 says that the topic is full"));
  CHECK(log.link_event(topic_full(), link_event::send_delayed, false, start + 2s) == std::nullopt);
  CHECK(log.link_event(connected(), link_event::up, false, start + 3s));
  const line again = log.link_event(topic_full(), link_event::send_delayed, false, start + 4s);
  REQUIRE(again);
  CHECK(again->level == log_level::warning);
}

TEST_CASE("A further node's connection does not make old trouble new", "[reporter]") {
  reporter log = made_reporter();
  CHECK(log.link_event(topic_full(), link_event::send_delayed, false, start));
  link::link_report branch = connected();
  branch.is_node_link = true;
  CHECK(log.link_event(branch, link_event::up, false, start + 1s));
  CHECK_FALSE(log.link_event(topic_full(), link_event::send_delayed, false, start + 2s));
}

TEST_CASE("Trouble of the link is no news during a stop, and counts for nothing", "[reporter]") {
  reporter log = made_reporter();
  for (const auto event : {link_event::lost, link_event::attempt_failed, link_event::send_delayed,
                           link_event::event_refused}) {
    CHECK(log.link_event(refused_connection(), event, true, start) == std::nullopt);
  }
  CHECK(log.link_event(refused_connection(), link_event::lost, false, start) == warning(refuses));
}

TEST_CASE("Refused lines are said now and then, with what was kept back", "[reporter]") {
  reporter log = made_reporter();
  const store::event_origin from{1, 42, 1'000};
  const std::string text = "refused a line of pid 42 uid 1000: invalid_json: " +
                           std::string(advice(ingest::ingest_errc::invalid_json));
  CHECK(log.line_refused(from, ingest::ingest_errc::invalid_json, start) == warning(text));
  CHECK_FALSE(log.line_refused(from, ingest::ingest_errc::bad_hello, start + 1s));
  CHECK(log.line_refused(from, ingest::ingest_errc::invalid_json, start + 10s) ==
        warning(text + "; 1 more of late"));
}

TEST_CASE("Losses are said as they grow, each once, now and then", "[reporter]") {
  reporter log = made_reporter();
  store::loss_ledger ledger;
  CHECK_FALSE(log.losses(ledger, start));
  ledger.add(store::loss_reason::overflow_drop_oldest, 2);
  CHECK(log.losses(ledger, start) ==
        warning("2 events lost since the last such line; in all, 2 events were lost "
                "(overflow_drop_oldest 2)"));
  CHECK_FALSE(log.losses(ledger, start + 1h));
  ledger.add(store::loss_reason::refused_by_iggy, 3);
  const time_point later = start + 1h;
  CHECK(log.losses(ledger, later));
  ledger.add(store::loss_reason::refused_by_iggy, 1);
  CHECK_FALSE(log.losses(ledger, later + 9s));
  CHECK(log.losses(ledger, later + 10s) ==
        warning("1 events lost since the last such line; in all, 6 events were lost "
                "(overflow_drop_oldest 2, refused_by_iggy 4)"));
}

TEST_CASE("Dead letters that are not written are said, and that they are again", "[reporter]") {
  reporter log = made_reporter();
  admin::dead_letter_report report;
  report.path = "/d";
  CHECK_FALSE(log.dead_letters(report, start));
  report.failing = true;
  report.last_error = make_error_code(boost::system::errc::no_space_on_device);
  const std::string text = "dead letters are not written to /d [No space left on device]; ";
  CHECK(log.dead_letters(report, start) ==
        warning(text + "0 dropped so far. Tried again every second"));
  report.dropped_entries = 5;
  CHECK_FALSE(log.dead_letters(report, start + 9s));
  CHECK(log.dead_letters(report, start + 10s) ==
        warning(text + "5 dropped so far. Tried again every second"));
  CHECK_FALSE(log.dead_letters(report, start + 1h));
  report.failing = false;
  CHECK(log.dead_letters(report, start + 1h) == notice("dead letters are written again to /d"));
  CHECK_FALSE(log.dead_letters(report, start + 2h));
  report.dropped_entries = 6;  // in a failure that was over before anybody looked
  CHECK(log.dead_letters(report, start + 3h) ==
        warning(text + "6 dropped so far. Tried again every second"));
}

TEST_CASE("A journal's state is said when it changes", "[reporter]") {
  reporter log = made_reporter();
  store::replay_queue queue({100, 1 << 20});
  store::journal_scheduler scheduler(queue, store::scheduler_settings{}, {});
  CHECK_FALSE(log.journal(scheduler, start));
  scheduler.give_up(make_error_code(boost::system::errc::permission_denied));
  const line off = log.journal(scheduler, start);
  REQUIRE(off);
  CHECK(off->level == log_level::error);
  CHECK(off->text.starts_with("journal in /var/lib/j is not used: no permission"));
  CHECK_FALSE(log.journal(scheduler, start + 1h));
}

TEST_CASE("A socket's missing file is said each time that it is made again", "[reporter]") {
  reporter log = made_reporter();
  const error_code full = make_error_code(boost::system::errc::no_space_on_device);
  const line cannot =
      error("the socket /s has been removed, and cannot be made again: No space left on device");
  CHECK(log.socket_file_missing("/s", full, start) == cannot);
  CHECK_FALSE(log.socket_file_missing("/s", full, start + 1s));
  for (const auto later : {2s, 3s}) {
    CHECK(log.socket_file_missing("/s", {}, start + later) ==
          warning("the socket /s had been removed, and is there again"));
  }
  CHECK(log.socket_file_missing("/s", full, start + 10s) == cannot);
}

TEST_CASE("A last run's note that makes no sense is said, one that is not there is not",
          "[reporter]") {
  const reporter log = made_reporter();
  const std::string text = "the last run's note in /var/lib/j cannot be read, and is replaced";
  CHECK_FALSE(log.last_note(std::string(), std::nullopt));
  CHECK_FALSE(log.last_note(std::string("{...}"), admin::run_summary{}));
  CHECK(log.last_note(std::string("junk"), std::nullopt) == warning(text));
  CHECK(log.last_note(make_error_code(boost::system::errc::io_error), std::nullopt) ==
        warning(text + ": Input/output error"));
}

TEST_CASE("What an earlier run has left for another topic is said", "[reporter]") {
  admin::run_summary before;
  before.stream = "logs";
  before.topic = "old";
  admin::run_summary after = before;
  after.topic = "app";
  after.events_left = 2;
  CHECK_FALSE(reporter::moved_backlog(std::nullopt, after));
  CHECK_FALSE(reporter::moved_backlog(after, after));
  const line moved = reporter::moved_backlog(before, after);
  REQUIRE(moved);
  CHECK(moved->level == log_level::warning);
  CHECK(moved->text == admin::moved_backlog_text(before, after));
}

TEST_CASE("Only a note that could not be written is worth a line", "[reporter]") {
  CHECK_FALSE(reporter::run_noted({}));
  CHECK(reporter::run_noted(make_error_code(boost::system::errc::io_error)) ==
        warning("the journal has no note of this run: Input/output error"));
}

}  // namespace
}  // namespace vibes::test
