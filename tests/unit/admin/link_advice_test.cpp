#include "daemon/admin/link_advice.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include "protocol/error.hpp"

namespace vibes::test {
namespace {

using boost::system::errc::make_error_code;
using protocol::command;
using protocol::error_code;
using protocol::iggy_errc;
using protocol::wire_errc;

constexpr bool in_connect = true;

link::link_report report_of(const error_code& error, command during, bool connecting = false) {
  link::link_report report;
  report.last_error = error;
  report.last_error_during = during;
  report.last_error_in_connect = connecting;
  return report;
}

/// What is said behind the address, up to the error itself.
std::string advice(const error_code& error, command during, bool connecting = false) {
  const std::string line =
      admin::explain_link_error(report_of(error, during, connecting), "10.0.0.1:8090");
  const std::string before = "Iggy at 10.0.0.1:8090 ";
  const std::string behind = " [" + error.message() + "]";
  CAPTURE(line);
  REQUIRE(line.starts_with(before));
  REQUIRE(line.ends_with(behind));
  return line.substr(before.size(), line.size() - before.size() - behind.size());
}

TEST_CASE("Each refusal of Iggy is explained with what to do", "[link_advice]") {
  struct {
    iggy_errc code;
    const char* advice;
  } const cases[] = {
      {iggy_errc::invalid_credentials,
       "refused the user name or password: set [iggy] username and password_file (servers from "
       "0.6 on generate a password at their first start)"},
      {iggy_errc::invalid_username, "finds the user name malformed: set [iggy] username"},
      {iggy_errc::invalid_password, "finds the password malformed: set [iggy] password_file"},
      {iggy_errc::user_inactive, "says that this user is inactive: activate it, or use another"},
      {iggy_errc::invalid_token, "refused the personal access token: set [iggy] token_file"},
      {iggy_errc::token_expired, "says that the personal access token has expired: make a new one"},
      {iggy_errc::resource_not_found,
       "does not know the personal access token: set [iggy] token_file"},
      {iggy_errc::unauthorized,
       "does not give this user the right to do that: grant it read and send rights on the topic, "
       "and create rights or create the stream and topic yourself"},
      {iggy_errc::invalid_stream_name, "refused the stream's name: change [iggy] stream"},
      {iggy_errc::invalid_topic_name, "refused the topic's name: change [iggy] topic"},
      {iggy_errc::too_many_partitions, "refused the partition count: lower [iggy] partitions"},
      {iggy_errc::disconnected, "is shutting down"},
      {iggy_errc::topic_full, "says that the topic is full: raise its size limit"},
  };
  for (const auto& each : cases) {
    CHECK(advice(make_error_code(each.code), command::login_with_password) == each.advice);
    if (each.code == iggy_errc::resource_not_found) continue;  // of a login only
    CHECK(advice(make_error_code(each.code), command::send_messages) == each.advice);
  }
}

TEST_CASE("What is not found is the token at a login only", "[link_advice]") {
  for (const command each :
       {command::send_messages, command::poll_messages, command::store_consumer_offset}) {
    CHECK(
        advice(make_error_code(iggy_errc::resource_not_found), each) ==
        "does not have what it was asked for: the stream, the topic or the partition may be gone");
  }
}

TEST_CASE("Each thing that can be wrong with the peer is explained with what to do",
          "[link_advice]") {
  struct {
    wire_errc code;
    const char* advice;
  } const cases[] = {
      {wire_errc::malformed,
       "does not answer in Iggy's protocol: is this the TCP port (8090 by default), and not HTTP, "
       "TLS or another service?"},
      {wire_errc::stream_missing,
       "has no such stream, and [iggy] create is off: create it, or turn create on"},
      {wire_errc::topic_missing,
       "has no such topic, and it could not be created: create it, or turn [iggy] create on"},
      {wire_errc::no_partitions, "has the topic, but without partitions: add some to it"},
      {wire_errc::too_many_partitions,
       "has the topic with more partitions than this program serves: name another one in [iggy] "
       "topic, with at most 10000"},
      {wire_errc::generation_mismatch,
       "is not of the generation that [iggy] generation names (set it to \"auto\"), or that it "
       "seemed to be at first"},
      {wire_errc::login_withheld,
       "hangs up, or answers in another protocol, before the login: it may expect TLS, which this "
       "program does "
       "not speak, or be another service (no user name, password or token was sent)"},
      {wire_errc::unsupported_generation,
       "is a version that this program does not speak (it speaks 0.4 to 0.10)"},
  };
  for (const auto& each : cases) {
    CHECK(advice(make_error_code(each.code), command::get_topic) == each.advice);
  }
}

TEST_CASE("A failure of the connection is explained by when it came", "[link_advice]") {
  namespace errc = boost::system::errc;
  const error_code refused = make_error_code(errc::connection_refused);
  const error_code late = make_error_code(errc::timed_out);
  const error_code reset = make_error_code(errc::connection_reset);
  const error_code end = boost::asio::error::eof;
  const std::string at_login = "closed the connection at the login: not an Iggy server?";
  struct {
    error_code error;
    command during;
    bool connecting;
    std::string advice;
  } const cases[] = {
      {refused, command::ping, in_connect, "refuses connections: is the server running?"},
      {late, command::ping, in_connect,
       "does not accept the connection in time: check the address and the network"},
      {late, command::login_with_password, false, "does not answer the login: a stuck server?"},
      {late, command::login_with_token, false, "does not answer the login: a stuck server?"},
      {late, command::send_messages, false, "does not answer in time"},
      {end, command::login_with_password, false, at_login},
      {reset, command::login_with_token, false, at_login},
      {end, command::send_messages, false, "failed during send_messages"},
      {reset, command::get_topic, false, "failed during get_topic"},
      {make_error_code(errc::host_unreachable), command::ping, in_connect, "cannot be reached"},
      {end, command::login_with_password, in_connect, "cannot be reached"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.error.message(), static_cast<int>(each.during), each.connecting);
    CHECK(advice(each.error, each.during, each.connecting) == each.advice);
  }
}

TEST_CASE("A login that nobody understands is laid to the generation that was set",
          "[link_advice]") {
  const error_code not_understood[] = {make_error_code(boost::system::errc::timed_out),
                                       boost::asio::error::eof,
                                       boost::asio::error::connection_reset,
                                       make_error_code(wire_errc::malformed),
                                       make_error_code(iggy_errc::invalid_command),
                                       make_error_code(iggy_errc::invalid_format)};
  const auto told = [](const error_code& error, command during, bool set, bool connecting = false) {
    link::link_report report = report_of(error, during, connecting);
    report.generation_set = set;
    return admin::explain_link_error(report, "a:1").find("(set it to \"auto\")") !=
           std::string::npos;
  };
  for (const error_code& each : not_understood) {
    CAPTURE(each);
    CHECK(told(each, command::login_with_password, true));
    CHECK(told(each, command::login_with_token, true));
    CHECK_FALSE(told(each, command::login_with_password, false));
    CHECK_FALSE(told(each, command::send_messages, true));
    CHECK_FALSE(told(each, command::login_with_password, true, in_connect));
  }
  CHECK_FALSE(
      told(make_error_code(iggy_errc::invalid_credentials), command::login_with_password, true));
  CHECK_FALSE(told(make_error_code(wire_errc::login_withheld), command::ping, true));
}

TEST_CASE("Silence before the login is laid to the generation that was set, or to the server",
          "[link_advice]") {
  link::link_report report =
      report_of(make_error_code(boost::system::errc::timed_out), command::ping);
  report.last_error_before_login = true;
  CHECK_THAT(admin::explain_link_error(report, "a:1"),
             Catch::StartsWith("Iggy at a:1 does not answer the question which server it is"));
  report.generation_set = true;
  CHECK_THAT(admin::explain_link_error(report, "a:1"), Catch::Contains("(set it to \"auto\")"));
}

TEST_CASE("Any other error is told with its request and its number", "[link_advice]") {
  CHECK(admin::explain_link_error(report_of(protocol::iggy_status(4'711), command::create_topic),
                                  "a:1") == "Iggy at a:1 failed during create_topic [status 4711]");
  CHECK(admin::explain_link_error(
            report_of(make_error_code(iggy_errc::io_error), command::send_messages), "a:1") ==
        "Iggy at a:1 failed during send_messages [io error (13000)]");
  CHECK(admin::explain_link_error(
            report_of(make_error_code(wire_errc::unexpected_reply), command::get_stats), "a:1") ==
        "Iggy at a:1 failed during get_stats [a reply does not fit its request]");
  // A number of one category means nothing in another.
  const error_code forty_two(42, boost::system::system_category());
  CHECK_THAT(admin::explain_link_error(report_of(forty_two, command::ping), "a:1"),
             !Catch::Contains("password"));
}

TEST_CASE("The server's version stands behind the error once it is known", "[link_advice]") {
  link::link_report report =
      report_of(make_error_code(iggy_errc::topic_full), command::send_messages);
  report.server_version = "0.8.0";
  CHECK(admin::explain_link_error(report, "[::1]:8090") ==
        "Iggy at [::1]:8090 says that the topic is full: raise its size limit [topic full (3009)] "
        "(server 0.8.0)");
}

TEST_CASE("Whatever the number, the explanation is one line", "[link_advice]") {
  bool one_line = true;
  for (std::uint32_t status = 1; status < 14'000; ++status) {
    const std::string line = admin::explain_link_error(
        report_of(protocol::iggy_status(status), command::send_messages), "a:1");
    const bool numbered = line.find(std::to_string(status)) != std::string::npos;
    one_line = one_line && numbered && std::ranges::none_of(line, [](char c) { return c < ' '; });
  }
  CHECK(one_line);
}

}  // namespace
}  // namespace vibes::test
