#include "daemon/admin/status_report.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/admin/status_support.hpp"

namespace vibes::test {
namespace {

namespace json = boost::json;

/// Numbers compare by value, whatever their kind: both sides take the way through text.
json::value through_text(const json::value& from) {
  return json::parse(json::serialize(from));
}

void part_is(const json::object& report, std::string_view part, std::string_view expected) {
  CAPTURE(part);
  const json::value seen = through_text(report.at({part.data(), part.size()}));
  const json::value wanted = json::parse({expected.data(), expected.size()});
  CHECK(json::serialize(seen) == json::serialize(wanted));
}

TEST_CASE("The report has these parts, in this order", "[status]") {
  std::vector<std::string> names;
  for (const auto& [name, value] : daemon_state().report()) names.emplace_back(name);
  CHECK(names == std::vector<std::string>{"version", "pid", "uptime_ms", "stopping", "link",
                                          "queue", "journal", "counters", "losses", "previous_run",
                                          "intake", "dead_letter", "producers", "log_lines_dropped",
                                          "warnings"});
}

TEST_CASE("The report tells of the daemon", "[status]") {
  daemon_state daemon;
  const json::object report = daemon.report();
  part_is(report, "version", "\"" VIBES_VERSION "\"");
  part_is(report, "pid", "4242");
  part_is(report, "uptime_ms", "3660000");
  part_is(report, "stopping", "false");
  part_is(report, "log_lines_dropped", "5");
  part_is(report, "producers", "[]");
  part_is(report, "warnings", "[]");
  daemon.warnings = {"f.toml: warning: one"};
  part_is(daemon.report(), "warnings", R"(["f.toml: warning: one"])");
  daemon.stopping = true;
  part_is(daemon.report(), "stopping", "true");
}

TEST_CASE("The report tells of a link that works", "[status]") {
  part_is(daemon_state().report(), "link",
          R"({"state":"ready","for_ms":60000,"address":"b:2","connections":3,"failed_attempts":0,)"
          R"("sends_in_flight":1,"generation":"0.7-0.8","server_version":"0.8.0","partitions":2,)"
          R"("handshake_ms":12,"retry_delay_ms":0,"last_error":null,"further_nodes":[]})");
}

TEST_CASE("The report tells of a link that does not, and why", "[status]") {
  daemon_state daemon;
  lose_link(daemon.link);
  part_is(daemon.report(), "link",
          R"({"state":"backing_off","for_ms":59000,"address":"b:2","connections":3,)"
          R"("failed_attempts":4,"sends_in_flight":0,"generation":null,"server_version":"",)"
          R"("partitions":0,"handshake_ms":12,"retry_delay_ms":1500,)"
          R"("last_error":{"code":3009,"category":"iggy",)"
          R"("during":"send_messages","message":"Iggy at b:2 says that the topic is full: raise )"
          R"(its size limit [topic full (3009)]","ago_ms":59500},"further_nodes":[]})");
  // The delay is that of the last wait: it means nothing outside one.
  daemon.link.state = link::link_state::connecting;
  CHECK(through_text(daemon.report()).at("link").at("retry_delay_ms") == 0);
}

TEST_CASE("The report tells of the queue, the counters and the losses", "[status]") {
  const daemon_state daemon;
  const json::object report = daemon.report();
  part_is(
      report, "queue",
      R"({"events":2,"bytes":)" + std::to_string(2 * (cost_of_empty + 2)) +
          R"(,"events_max":2,"bytes_max":1048576,"in_flight":1,"paused":false,"oldest_age_ms":60000})");
  part_is(
      report, "counters",
      R"({"received_events":6,"recovered_events":0,"committed_events":1,"committed_batches":1,"committed_bytes":7,)"
      R"("returned_batches":0,"resent_events":0})");
  part_is(report, "losses",
          R"({"overflow_drop_oldest":0,"overflow_drop_newest":3,"overflow_block_expired":0,)"
          R"("refused_by_iggy":0,"left_at_stop":0,"dropped_by_operator":0,"journal_damage":0,)"
          R"("out_of_memory":0,"total":3})");
}

TEST_CASE("An empty queue has no oldest event", "[status]") {
  outbox_fixture events(small_limits(store::overflow_policy::block));
  const daemon_state other;
  const admin::status_sources from{
      other.link,         {}, events.box, other.intake, other.producers, start_of_time,
      start_of_time + 60s};
  part_is(admin::make_status(from), "queue",
          R"({"events":0,"bytes":0,"events_max":4,"bytes_max":1048576,"in_flight":0,)"
          R"("paused":false,"oldest_age_ms":0})");
}

TEST_CASE("The report tells of what came in, and of each producer", "[status]") {
  daemon_state daemon;
  daemon.intake = {9, 2, 1, 12'345, 0, 4, 17, {}};
  daemon.intake.connections_max = 1'024;
  daemon.intake.accept_failures = 5;
  daemon.intake.accept_error = "none left";
  daemon.intake.refused("too_long");
  daemon.intake.refused("invalid_json");
  daemon.intake.refused("too_long");
  daemon.producers = {{100, 1'000, 1'001, "committed", 7, 1, 3}, {0, -1, -1, "silent", 0, 0, 4}};
  part_is(daemon.report(), "intake",
          R"({"connections_open":2,"connections_accepted":9,"connections_cut_off":1,)"
          R"("connections_max":1024,"accept_failures":5,"accept_error":"none left",)"
          R"("bytes_read":12345,"lines_refused":3,"refused_by_code":{"invalid_json":1,)"
          R"("too_long":2},"unknown_types":4,"partial_line_bytes":17})");
  part_is(
      daemon.report(), "producers",
      R"([{"connection":3,"pid":100,"uid":1000,"gid":1001,"ack":"committed","events":7,"refused":1},)"
      R"({"connection":4,"pid":0,"uid":-1,"gid":-1,"ack":"silent","events":0,"refused":0}])");
}

TEST_CASE("The report tells of dead letters when they are kept", "[status]") {
  daemon_state daemon;
  part_is(daemon.report(), "dead_letter", "null");
  daemon.dead_letters = admin::dead_letter_report{"/d", 4, 1'000, 2, 1, false, {}, {}};
  part_is(daemon.report(), "dead_letter",
          R"({"path":"/d","entries":4,"bytes":1000,"dropped_entries":2,"rotated_entries":1,)"
          R"("failing":false,"last_error":null})");
  daemon.dead_letters->failing = true;
  daemon.dead_letters->last_error = make_error_code(boost::system::errc::no_space_on_device);
  daemon.dead_letters->last_error_at = start_of_time + 58s;
  part_is(daemon.report(), "dead_letter",
          R"({"path":"/d","entries":4,"bytes":1000,"dropped_entries":2,"rotated_entries":1,)"
          R"("failing":true,"last_error":{"code":28,"message":"No space left on device",)"
          R"("ago_ms":2000}})");
}

TEST_CASE("The report tells that an operator paused the queue", "[status]") {
  daemon_state daemon;
  daemon.events.box.pause();
  CHECK(daemon.report().at("queue").at("paused") == true);
}

}  // namespace
}  // namespace vibes::test
