#include <catch2/catch.hpp>
#include <functional>

#include "protocol/error.hpp"
#include "tests/unit/link/byte_cursor.hpp"
#include "tests/unit/link/link_simulation.hpp"
#include "tests/unit/link/vsr_simulation.hpp"

// The first connection to a server only asks which one it is.

namespace vibes::test {
namespace {

using protocol::eviction_errc;
using protocol::wire_errc;

link::link_settings unknown_server() {
  link::link_settings settings = link_defaults();
  settings.handshake.wanted.reset();
  return settings;
}

std::string status_of_0_8() {
  return number(3, 8);
}

/// The version that a login or a bind asks for stands first in its body.
std::uint64_t version_in(const vsr_request& request) {
  return number_in(request.body, 0, 4);
}

constexpr std::uint32_t v0_11 = 0x2C00;
constexpr std::uint32_t v0_12 = 0x3000;

TEST_CASE("The probe is one frame, and nothing follows it", "[link][probing]") {
  vsr_simulation at(generation::iggy_0_9);
  at.offer(0);
  at.coordinator.connects();
  CHECK(at.coordinator.state() == link_state::probing);
  CHECK(at.coordinator.link.wake_at() == at.now + 10s);
  CHECK(at.coordinator.unread().size() == 268);
  CHECK(number_in(at.coordinator.unread(), 256, 4) == 0x3FFFFFFF);
  at.pass(9s);
  CHECK(at.coordinator.unread().size() == 268);
}

TEST_CASE("A close without a byte is one of 0.4 to 0.7, met again at once", "[link][probing]") {
  for (const auto how : {boost::system::errc::connection_reset, boost::system::errc::broken_pipe}) {
    link_simulation at(unknown_server());
    at.connects();
    CHECK(at.state() == link_state::probing);
    at.fails(how);
    CHECK(at.link.take_event() == link_event::none);  // that is no failure
    at.closes();
    CHECK(at.link.task() == link_task::connect);
    CHECK(at.link.report().failed_attempts == 0);
    at.become_ready();
    CHECK(at.link.report().gen == protocol::generation::iggy_0_7);
  }
}

TEST_CASE("0.8 says that it cannot read the probe, once or often", "[link][probing]") {
  for (const int times : {1, 6}) {
    link_simulation at(unknown_server());
    at.connects();
    std::string said;
    for (int i = 0; i < times; ++i) said += status_of_0_8();
    at.answer(said);
    CHECK(at.state() == link_state::closing);
    at.closes();
    at.connects();
    at.expect(code::login);
    at.answer(login_reply());
    at.expect(code::get_stats);
    at.answer(reply(41));  // without the right to statistics nothing more has to be asked
    at.expect(code::get_stream);
    at.answer(stream_reply());
    at.expect(code::get_topic);
    at.answer(topic_reply(2));
    CHECK(at.link.report().gen == protocol::generation::iggy_0_7);
  }
}

TEST_CASE("A window tells the version to log in with", "[link][probing]") {
  struct row {
    std::uint32_t max;
    std::uint32_t min;
    std::uint32_t expected;
  };
  for (const row& each : {row{v0_11, v0_11, v0_11}, row{v0_11 + 2, v0_11, v0_11 + 2},
                          row{v0_12, v0_12, v0_12}, row{v0_12 + 2, v0_11, v0_12 + 2}}) {
    vsr_simulation at(generation::iggy_0_10);
    at.coordinator.connects();
    at.coordinator.answer(vsr_eviction(14, each.max, each.min));
    at.coordinator.closes();
    CHECK(at.coordinator.link.task() == link_task::connect);
    at.coordinator.connects();
    CHECK(version_in(at.coordinator.expect(code::login)) == each.expected);
  }
}

TEST_CASE("The answer to a probe may come byte by byte", "[link][probing]") {
  vsr_simulation at(generation::iggy_0_9);
  at.coordinator.connects();
  const std::string answer = vsr_eviction(14, v0_11, v0_11);
  for (std::size_t i = 0; i < answer.size(); ++i) {
    CHECK(at.coordinator.state() == link_state::probing);
    at.coordinator.answer(answer.substr(i, 1));
  }
  at.coordinator.closes();
  at.coordinator.connects();
  CHECK(version_in(at.coordinator.expect(code::login)) == v0_11);
}

TEST_CASE("A probe that nobody answers costs one deadline", "[link][probing]") {
  link_simulation at(unknown_server());
  at.connects();
  at.pass(10s - 1ns);
  CHECK(at.state() == link_state::probing);
  at.pass(1ns);
  CHECK(at.state() == link_state::closing);
  CHECK(at.link.take_event() == link_event::attempt_failed);
  CHECK(at.link.report().last_error == make_error_code(boost::system::errc::timed_out));
  CHECK(at.link.report().last_error_in_probe);
  at.closes();
  at.sleep_through();
  at.connects();
  CHECK(at.state() == link_state::probing);  // and is asked again
}

TEST_CASE("A server that closes in the middle of its answer has not told anything",
          "[link][probing]") {
  for (const std::string& some : {std::string(1, '\x03'), std::string(8, '\0')}) {
    link_simulation at(unknown_server());
    at.connects();
    at.answer(some);
    at.fails();
    CHECK(at.link.report().last_error_in_probe);
    at.closes();
    at.sleep_through();
    at.connects();
    CHECK(at.state() == link_state::probing);
  }
}

TEST_CASE("What is not Iggy is asked again slowly", "[link][probing]") {
  for (const std::string& bytes : {std::string("HTTP/1.1 400 Bad Request\r\n"),
                                   std::string(8, '\xff'), std::string(256, '\0')}) {
    link_simulation at(unknown_server());
    at.connects();
    at.answer(bytes);
    CHECK(at.link.report().last_error == wire_errc::malformed);
    at.closes();
    CHECK(at.link.report().retry_delay >= 5s);
  }
}

TEST_CASE("A server of a later protocol is named by its window and asked again slowly",
          "[link][probing]") {
  vsr_simulation at(generation::iggy_0_10);
  const std::uint32_t later = protocol::packed_version(0, 13, 0);
  for (int round = 0; round < 3; ++round) {
    at.coordinator.connects();
    at.coordinator.answer(vsr_eviction(14, later + 1, later));
    at.coordinator.closes();
    at.coordinator.connects();
    CHECK(at.coordinator.silent());
    CHECK(at.coordinator.link.report().last_error == wire_errc::unsupported_generation);
    REQUIRE(at.coordinator.link.report().server_window);
    CHECK(at.coordinator.link.report().server_window->max == later + 1);
    at.coordinator.closes();
    CHECK(at.coordinator.link.report().retry_delay >= 5s);
    at.wait();
  }
  at.become_ready();  // it was replaced
  CHECK_FALSE(at.coordinator.link.report().server_window);
}

/// Probe without a window, login as 0.10, and an eviction that names the window.
void meets_who_hides(vsr_simulation& at) {
  at.coordinator.connects();
  at.coordinator.answer(vsr_eviction(15));
  at.coordinator.closes();
  at.coordinator.connects();
  CHECK(version_in(at.coordinator.expect(code::login)) == v0_12);
  at.coordinator.answer(vsr_eviction(14, v0_11, v0_11));
  CHECK(at.coordinator.state() == link_state::closing);
  at.coordinator.closes();
  REQUIRE(at.coordinator.link.task() == link_task::connect);  // with what is known now, at once
  at.coordinator.connects();
  CHECK(version_in(at.coordinator.expect(code::login)) == v0_11);
}

TEST_CASE("A window that a login was told is used, each time anew", "[link][probing]") {
  vsr_simulation at(generation::iggy_0_9);
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    meets_who_hides(at);
    at.coordinator.fails();
    at.coordinator.closes();
    at.wait();
  }
}

TEST_CASE("A window that contradicts itself is not followed round and round", "[link][probing]") {
  vsr_simulation at(generation::iggy_0_9);
  meets_who_hides(at);
  at.coordinator.answer(vsr_eviction(14, v0_12, v0_12));
  at.coordinator.closes();
  CHECK(at.coordinator.link.task() == link_task::sleep);
  CHECK(at.coordinator.link.report().last_error ==
        make_error_code(eviction_errc::incompatible_protocol));
}

TEST_CASE("0.9 and 0.10 are probed for although the settings name them", "[link][probing]") {
  link::link_settings settings = vsr_settings();
  settings.handshake.wanted = generation::iggy_0_10;
  vsr_simulation at(generation::iggy_0_10, settings);
  at.coordinator.connects();
  CHECK(at.coordinator.state() == link_state::probing);

  SECTION("and the server's patches are followed") {
    at.coordinator.answer(vsr_eviction(14, v0_12 + 2, v0_12 + 1));
    at.coordinator.closes();
    at.coordinator.connects();
    CHECK(version_in(at.coordinator.expect(code::login)) == v0_12 + 2);
  }
  SECTION("but to no other generation") {
    at.coordinator.answer(vsr_eviction(14, v0_11, v0_11));
    at.coordinator.closes();
    at.coordinator.connects();
    CHECK(version_in(at.coordinator.expect(code::login)) == v0_12);
    at.coordinator.answer(vsr_eviction(14, v0_11, v0_11));
    at.coordinator.closes();
    CHECK(at.coordinator.link.report().retry_delay >= 5s);
    REQUIRE(at.coordinator.link.report().server_window);
    CHECK(at.coordinator.link.report().server_window->max == v0_11);
  }
}

TEST_CASE("After each loss the server is probed anew: it may be another", "[link][probing]") {
  vsr_simulation at(generation::iggy_0_9);
  at.become_ready();
  at.offer(0);
  const vsr_send first = at.coordinator.expect_send();
  for (const generation next : {generation::iggy_0_10, generation::iggy_0_9}) {
    CAPTURE(to_string(next));
    at.coordinator.fails();
    at.coordinator.closes();
    at.wait();
    at.gen = next;
    const std::uint32_t version = next == generation::iggy_0_10 ? v0_12 : v0_11;
    at.is_probed();
    at.coordinator.connects();
    // The session of the other generation is not gone on with.
    const vsr_request login =
        at.coordinator.gets(code::login, payload::login(next, ++at.session_id));
    CHECK(version_in(login) == version);
    at.coordinator.gets(code::nodes, payload::nodes(next, {{1, true}}));
    at.coordinator.gets(code::get_stream, payload::stream(next));
    at.coordinator.gets(code::get_topic, payload::topic(next, partitions(2), at.incarnations));
    REQUIRE(at.coordinator.state() == link_state::ready);
    CHECK(at.coordinator.link.report().gen == next);
    const vsr_send again = at.coordinator.expect_send();
    CHECK(lines(again) == lines(first));
    CHECK(again.request.session == at.session_id);
    CHECK(again.request.client != first.request.client);
  }
}

/// What the link writes to whoever does that, over all the connections of one round.
std::vector<std::uint32_t> asked_of(link_simulation& at, const std::function<void()>& does) {
  std::vector<std::uint32_t> asked;
  do {
    at.connects_unanswered();
    if (at.state() == link_state::handshaking) {
      while (const auto request = at.next()) asked.push_back(request->code);
    }
    does();
    at.closes();
  } while (at.link.task() == link_task::connect);
  return asked;
}

TEST_CASE("Who hangs up, or answers in TLS, is asked for a sign of Iggy and gets no login",
          "[link][probing]") {
  const auto hangs_up = [](link_simulation& at) { at.fails(); };
  const auto ends = [](link_simulation& at) { at.fails(boost::system::errc::broken_pipe); };
  const auto alerts = [](link_simulation& at) { at.answer({"\x15\x03\x03\x00\x02\x02\x28", 7}); };
  const auto greets = [](link_simulation& at) { at.answer("\x16\x03"); };
  for (const auto wanted :
       {std::optional<generation>(), std::optional(generation::iggy_0_4),
        std::optional(generation::iggy_0_7), std::optional(generation::iggy_0_9),
        std::optional(generation::iggy_0_10)}) {
    for (const std::function<void(link_simulation&)>& does :
         std::initializer_list<std::function<void(link_simulation&)>>{hangs_up, ends, alerts,
                                                                      greets}) {
      link::link_settings settings = unknown_server();
      settings.handshake.wanted = wanted;
      link_simulation at(settings);
      for (const std::uint32_t each : asked_of(at, [&] { does(at); })) CHECK(each == code::ping);
      CHECK(at.link.report().last_error == wire_errc::login_withheld);
      CHECK(at.link.take_event() == link_event::attempt_failed);
      CHECK(at.link.report().retry_delay < 5s);  // a proxy whose server is away does so too
    }
  }
}

TEST_CASE("A ping that nobody answers costs one deadline", "[link][probing]") {
  link_simulation at;
  at.connects_unanswered();
  at.expect(code::ping);
  at.pass(10s);
  CHECK(at.silent());
  CHECK(at.link.report().last_error == make_error_code(boost::system::errc::timed_out));
  CHECK(at.link.report().last_error_before_login);
}

}  // namespace
}  // namespace vibes::test
