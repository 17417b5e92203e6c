#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/admin/status_support.hpp"

namespace vibes::test {
namespace {

using link::link_state;

TEST_CASE("One line says whether it is connected, and what is queued and lost", "[status]") {
  daemon_state daemon;
  CHECK(status_line(daemon.sources()) == "connected to b:2 (Iggy 0.8.0), 2 queued, 3 dropped");
  daemon.events.box.pause();
  CHECK(status_line(daemon.sources()) ==
        "connected to b:2 (Iggy 0.8.0), paused, 2 queued, 3 dropped");
  daemon.events.box.resume();
  daemon.link.server_version.clear();
  CHECK(status_line(daemon.sources()) == "connected to b:2, 2 queued, 3 dropped");
  struct {
    link_state state;
    const char* name;
  } const cases[] = {
      {link_state::connecting, "connecting"}, {link_state::handshaking, "handshaking"},
      {link_state::closing, "closing"},       {link_state::backing_off, "backing_off"},
      {link_state::stopped, "stopped"},
  };
  for (const auto& each : cases) {
    daemon.link.state = each.state;
    CHECK(status_line(daemon.sources()) ==
          "not connected to Iggy (" + std::string(each.name) + "), 2 queued, 3 dropped");
  }
}

/// "name value", without the spaces that align the values.
std::vector<std::string> entries_of(const std::string& text) {
  std::vector<std::string> entries;
  std::istringstream from(text);
  for (std::string line; std::getline(from, line);) {
    const std::size_t gap = line.find("  ", line.find_first_not_of(' '));
    const std::size_t value = gap == std::string::npos ? gap : line.find_first_not_of(' ', gap);
    if (value != std::string::npos) line = line.substr(0, gap) + " = " + line.substr(value);
    entries.push_back(line);
  }
  return entries;
}

TEST_CASE("Text from outside adds no line to the report and steers no terminal", "[status]") {
  daemon_state daemon;
  const auto lines = [&] {
    const std::string text = admin::human_status(admin::make_status(daemon.sources()));
    return std::ranges::count(text, '\n');
  };
  const auto before = lines();
  daemon.link.server_version = "0.8.0\n  state                     ready\x1b[31m\xe2\x80\xae";
  daemon.link.address = "b\r\n:2";
  daemon.warnings = {"one"};
  daemon.producers = {{100, 1'000, 1'001, "committed", 7, 1}};
  const auto more = lines() - before;
  daemon.warnings = {"one\x1b[2J\nproducers"};
  daemon.producers.front().ack_level = "committed\nwarnings\x07";
  const std::string text = admin::human_status(admin::make_status(daemon.sources()));
  CHECK(more == 4);
  CHECK(lines() == before + more);
  CHECK_THAT(text, Catch::Contains("  one\\u001b[2J\\nproducers\n"));
  CHECK_THAT(text, Catch::Contains("committed\\nwarnings\\u0007\n"));
  CHECK_THAT(text,
             Catch::Contains("0.8.0\\n  state                     ready\\u001b[31m\\u202e\n"));
  CHECK_THAT(text, Catch::Contains("b\\r\\n:2\n"));
}

const char* const topic_is_full =
    "  message = Iggy at b:2 says that the topic is full: raise its size limit [topic full "
    "(3009)]";

TEST_CASE("People see the same report, a line for each value", "[status]") {
  daemon_state daemon;
  daemon.intake.refused("too_long");
  daemon.producers = {{100, 1'000, 1'001, "committed", 7, 1}};
  lose_link(daemon.link);
  const std::vector<std::string> expected = {
      "daemon",
      "  version = " VIBES_VERSION,
      "  pid = 4242",
      "  uptime ms = 3660000",
      "  stopping = false",
      "  log lines dropped = 5",
      "link",
      "  state = backing_off",
      "  for ms = 59000",
      "  address = b:2",
      "  connections = 3",
      "  failed attempts = 4",
      "  sends in flight = 0",
      "  partitions = 0",
      "  handshake ms = 12",
      "  retry delay ms = 1500",
      "  last error",
      "  code = 3009",
      "  category = iggy",
      "  during = send_messages",
      topic_is_full,
      "  ago ms = 59500",
      "queue",
      "  events = 2",
      "  bytes = " + std::to_string(2 * (cost_of_empty + 2)),
      "  events max = 2",
      "  bytes max = 1048576",
      "  in flight = 1",
      "  paused = false",
      "  oldest age ms = 60000",
      "counters",
      "  received events = 6",
      "  recovered events = 0",
      "  committed events = 1",
      "  committed batches = 1",
      "  committed bytes = 7",
      "  returned batches = 0",
      "  resent events = 0",
      "losses",
      "  overflow drop oldest = 0",
      "  overflow drop newest = 3",
      "  overflow block expired = 0",
      "  refused by iggy = 0",
      "  left at stop = 0",
      "  dropped by operator = 0",
      "  journal damage = 0",
      "  out of memory = 0",
      "  total = 3",
      "intake",
      "  connections open = 0",
      "  connections accepted = 0",
      "  connections cut off = 0",
      "  connections max = 0",
      "  accept failures = 0",
      "  bytes read = 0",
      "  lines refused = 1",
      "  unknown types = 0",
      "  partial line bytes = 0",
      "  refused",
      "  too long = 1",
      "producers",
      "  pid 100 uid 1000: 7 events, 1 lines refused, committed"};
  CHECK(entries_of(admin::human_status(daemon.report())) == expected);
}

TEST_CASE("People see how dead letters are kept", "[status]") {
  daemon_state daemon;
  daemon.dead_letters = admin::dead_letter_report{"/d", 4, 1'000, 2, 1, true, {}, {}};
  daemon.dead_letters->last_error = make_error_code(boost::system::errc::no_space_on_device);
  daemon.dead_letters->last_error_at = start_of_time + 58s;
  const std::vector<std::string> entries = entries_of(admin::human_status(daemon.report()));
  const auto begin = std::ranges::find(entries, "dead letters");
  CHECK(std::vector<std::string>(begin, entries.end()) ==
        std::vector<std::string>{"dead letters", "  path = /d", "  entries = 4", "  bytes = 1000",
                                 "  dropped entries = 2", "  rotated entries = 1",
                                 "  failing = true", "  last error", "  code = 28",
                                 "  message = No space left on device", "  ago ms = 2000"});
}

TEST_CASE("The text is the same from a report that came over a socket", "[status]") {
  daemon_state daemon;
  daemon.producers = {{100, 1'000, 1'001, "committed", 7, 1}};
  const std::string sent = boost::json::serialize(daemon.report());
  CHECK(admin::human_status(boost::json::parse(sent).as_object()) ==
        admin::human_status(daemon.report()));
}

TEST_CASE("A daemon of an earlier version is shown as far as it tells of itself", "[status]") {
  daemon_state daemon;
  daemon.producers = {{100, 1'000, 1'001, "committed", 7, 1}};
  const boost::json::object whole = daemon.report();
  for (const auto& [name, value] : whole) {
    CAPTURE(name);
    boost::json::object without = whole;
    without.erase(name);
    CHECK(admin::human_status(without).size() <= admin::human_status(whole).size());
    if (!value.is_object()) continue;
    for (const auto& [inner, ignored] : value.get_object()) {
      CAPTURE(inner);
      boost::json::object less = whole;
      less.at(name).get_object().erase(inner);
      CHECK_NOTHROW(admin::human_status(less));
    }
  }
  CHECK(admin::human_status({}) == "daemon\n");
}

TEST_CASE("Without producers and errors there is nothing said of them", "[status]") {
  const std::string text = admin::human_status(daemon_state().report());
  CHECK_THAT(text, !Catch::Contains("producers") && !Catch::Contains("last error"));
}

TEST_CASE("People see what the start warned of", "[status]") {
  daemon_state daemon;
  CHECK_THAT(admin::human_status(daemon.report()), !Catch::Contains("warnings"));
  daemon.warnings = {"f.toml: warning: one", "f.toml: warning: two"};
  CHECK_THAT(admin::human_status(daemon.report()),
             Catch::Contains("warnings\n  f.toml: warning: one\n  f.toml: warning: two\n"));
}

}  // namespace
}  // namespace vibes::test
