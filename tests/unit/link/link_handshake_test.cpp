#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "tests/unit/link/link_simulation.hpp"

namespace vibes::test {
namespace {

using protocol::iggy_errc;
using protocol::wire_errc;

TEST_CASE("A connection logs in, learns generation and topic, then sends", "[link]") {
  link_simulation at;
  CHECK(at.state() == link_state::connecting);
  CHECK(at.link.task() == link_task::connect);
  CHECK(at.link.wake_at() == start_of_time + 5s);
  at.offer(0);
  at.connects();
  CHECK(at.state() == link_state::handshaking);
  CHECK(at.expect(code::login).body.starts_with("\x04iggy\x06secret"));
  at.answer(login_reply());
  CHECK(at.expect(code::get_stats).body.empty());
  at.answer(stats_reply("0.7.0"));
  CHECK(at.expect(code::get_stream).body == "\x02\x05vibes");
  at.answer(stream_reply());
  CHECK(at.expect(code::get_topic).body ==
        "\x02\x05vibes\x02\x06"
        "events");
  CHECK(at.silent());
  at.answer(topic_reply(3));

  CHECK(at.state() == link_state::ready);
  CHECK(at.link.take_event() == link_event::up);
  CHECK(at.link.take_event() == link_event::none);
  const link::link_report& report = at.link.report();
  CHECK(report.gen == protocol::generation::iggy_0_7);
  CHECK(report.server_version == "0.7.0");
  CHECK(report.partitions_count == 3);
  CHECK(report.connections == 1);
  CHECK(report.failed_attempts == 0);
  CHECK_FALSE(report.last_error);
  CHECK(lines(at.expect_send()) == std::vector<std::uint64_t>{1});
  at.answer(ok());
  CHECK(at.reports.of_line(1) == "committed");
}

TEST_CASE("A stream and a topic that are missing are created", "[link]") {
  link_simulation at;
  at.connects();
  at.expect(code::login);
  at.answer(login_reply());
  at.expect(code::get_stats);
  at.answer(stats_reply());
  at.expect(code::get_stream);
  at.answer(nothing_there());
  CHECK(at.expect(code::create_stream).body == "\x05vibes");
  at.answer(stream_reply());
  at.expect(code::get_topic);
  at.answer(nothing_there());
  at.expect(code::create_topic);
  at.answer(topic_reply(8));
  at.expect(code::get_topic);
  at.answer(topic_reply(8));
  CHECK(at.state() == link_state::ready);
  CHECK(at.link.report().partitions_count == 8);
}

/// The replies of a handshake, up to the one that goes wrong.
std::vector<std::string> good_replies() {
  return {login_reply(), stats_reply(), stream_reply(), topic_reply(2)};
}

constexpr std::uint32_t asked_in_order[] = {code::login, code::get_stats, code::get_stream,
                                            code::get_topic};

TEST_CASE("A handshake that fails at any step says where and comes back", "[link]") {
  struct {
    const char* name;
    std::size_t step;
    std::string bytes;
    protocol::error_code expected;
    bool needs_operator;
  } const cases[] = {
      {"wrong credentials", 0, reply(42), iggy_errc::invalid_credentials, true},
      {"the server is about to shut down", 0, reply(8), iggy_errc::disconnected, false},
      {"a status nobody knows", 0, reply(777), protocol::iggy_status(777), false},
      {"a server of another generation", 1, stats_reply("0.9.0"), wire_errc::unsupported_generation,
       true},
      {"a server without a version", 1, stats_reply(""), wire_errc::unsupported_generation, true},
      {"a login that went lost meanwhile", 2, reply(40), iggy_errc::unauthenticated, false},
      {"no right to see the topic", 3, reply(41), iggy_errc::unauthorized, true},
      {"a topic without partitions", 3, topic_reply(0), wire_errc::no_partitions, true},
      {"a login reply that is too short", 0, reply(0, "\x01"), wire_errc::truncated, false},
      {"a login reply that is too long", 0, reply(0, "12345"), wire_errc::trailing_bytes, false},
      {"a refusal with a payload", 2, reply(41, "x"), wire_errc::malformed, true},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    link_simulation at;
    at.offer(0);
    at.connects();
    for (std::size_t step = 0; step < each.step; ++step) {
      at.expect(asked_in_order[step]);
      at.answer(good_replies()[step]);
    }
    at.expect(asked_in_order[each.step]);
    at.answer(each.bytes);
    CHECK(at.state() == link_state::closing);
    CHECK(at.link.take_event() == link_event::attempt_failed);
    const link::link_report& report = at.link.report();
    CHECK(report.last_error == each.expected);
    CHECK(static_cast<std::uint32_t>(report.last_error_during) == asked_in_order[each.step]);
    CHECK_FALSE(report.last_error_in_connect);
    CHECK(report.last_error_at == at.now);
    CHECK(report.failed_attempts == 1);
    at.closes();
    CHECK(at.state() == link_state::backing_off);
    CHECK(report.retry_delay == (each.needs_operator ? duration(5s) : duration(50ms)));
    at.sleep_through();
    at.become_ready();  // no answer of Iggy ends the link
    CHECK(lines(at.expect_send()) == std::vector<std::uint64_t>{1});
  }
}

TEST_CASE("A peer that is not Iggy is asked again slowly", "[link]") {
  for (const std::string& bytes :
       {std::string("HTTP/1.1 400 Bad Request\r\n"), std::string("\x15\x03\x03\x00\x02\x02\x28", 7),
        std::string(8, '\xff'), std::string("+PONG\r\n_")}) {
    CAPTURE(bytes);
    link_simulation at;
    at.connects();
    at.expect(code::login);
    at.answer(bytes);
    if (bytes.size() < 8) {
      // Too short to tell: the peer waits for more, or closes.
      CHECK(at.state() == link_state::handshaking);
      continue;
    }
    at.closes();
    CHECK(at.link.report().last_error == wire_errc::malformed);
    CHECK(at.link.report().retry_delay >= 5s);
  }
}

TEST_CASE("Silence ends the handshake at each of its steps", "[link]") {
  for (std::size_t silent_at = 0; silent_at < 4; ++silent_at) {
    CAPTURE(silent_at);
    link_simulation at;
    at.connects();
    for (std::size_t step = 0; step < silent_at; ++step) {
      at.expect(asked_in_order[step]);
      at.pass(9s);  // each reply has its own time
      at.answer(good_replies()[step]);
    }
    at.pass(10s - 1ns);
    CHECK(at.state() == link_state::handshaking);
    at.pass(1ns);
    CHECK(at.state() == link_state::closing);
    CHECK(at.link.report().last_error == make_error_code(boost::system::errc::timed_out));
    CHECK(static_cast<std::uint32_t>(at.link.report().last_error_during) ==
          asked_in_order[silent_at]);
  }
}

TEST_CASE("The way to ready is measured from its first connection, pauses left out", "[link]") {
  link_simulation at;
  at.pass(30ms);
  at.become_ready(1);
  CHECK(at.link.report().handshake == 30ms);
  at.reconnect(1);
  CHECK(at.link.report().handshake == 0ms);
}

TEST_CASE("Connecting takes so long and not longer", "[link]") {
  link_simulation at;
  at.pass(5s - 1ns);
  CHECK(at.link.task() == link_task::connect);
  at.pass(1ns);
  CHECK(at.link.task() == link_task::close);
  CHECK(at.link.report().last_error == make_error_code(boost::system::errc::timed_out));
  CHECK(at.link.report().last_error_in_connect);
  // The connection that comes too late is closed with the rest.
  at.link.connected(at.now);
  CHECK(at.link.task() == link_task::close);
  at.closes();
  at.sleep_through();
  CHECK(at.link.task() == link_task::connect);
  CHECK(at.link.wake_at() == at.now + 5s);
}

TEST_CASE("Replies may arrive byte by byte", "[link]") {
  link_simulation at;
  at.offer(0);
  at.connects();
  for (const std::string& each : good_replies()) at.answer_bytewise(each);
  CHECK(at.state() == link_state::ready);
  for (const std::uint32_t asked : asked_in_order) at.expect(asked);
  at.expect_send();
  at.answer_bytewise(ok());
  CHECK(at.reports.of_line(1) == "committed");
}

TEST_CASE("The last handshake reply may come cut at any byte", "[link]") {
  const std::string last = topic_reply(2);
  for (std::size_t cut = 0; cut <= last.size(); ++cut) {
    CAPTURE(cut);
    link_simulation at;
    at.connects();
    for (std::size_t step = 0; step < 3; ++step) at.answer(good_replies()[step]);
    if (cut > 0) at.answer(last.substr(0, cut));
    REQUIRE((at.state() == link_state::ready) == (cut == last.size()));
    if (cut < last.size()) at.answer(last.substr(cut));
    REQUIRE(at.state() == link_state::ready);
  }
}

TEST_CASE("Bytes that answer nothing end the connection", "[link]") {
  link_simulation at;
  at.connects();
  for (std::size_t step = 0; step < 3; ++step) at.answer(good_replies()[step]);
  at.answer(topic_reply(2) + ok());  // one reply too many, right behind the handshake
  CHECK(at.state() == link_state::closing);
  CHECK(at.link.report().last_error == wire_errc::unexpected_reply);
}

TEST_CASE("A server that hangs up when asked for its cluster is met again as 0.5", "[link]") {
  link::link_settings settings = link_defaults();
  settings.addresses.resize(2, "127.0.0.1:1");
  settings.handshake.wanted.reset();
  link_simulation at(settings);
  at.is_probed_as_classic();
  const auto until_asked_for_cluster = [&] {
    at.connects();
    at.expect(code::login);
    at.answer(login_reply());
    at.expect(code::get_stats);
    at.answer(reply(41));
  };
  until_asked_for_cluster();
  at.expect(12);

  SECTION("at the same address") {
    at.fails();
    CHECK(at.link.report().address_index == 0);
    at.closes();
    at.sleep_through();
    until_asked_for_cluster();
    at.expect(code::get_stream);
    at.answer(stream_reply());
    at.expect(code::get_topic);
    at.answer(topic_reply(2));
    CHECK(at.link.report().gen == protocol::generation::iggy_0_5);
  }
  SECTION("but not when it is only silent") {
    at.pass(10s);
    CHECK(at.state() == link_state::closing);
    CHECK(at.link.report().address_index == 1);
  }
  SECTION("and not for ever, when it is gone then") {
    at.fails();
    at.closes();
    at.sleep_through();
    at.fails(boost::system::errc::connection_refused);
    CHECK(at.link.report().address_index == 1);
  }
}

}  // namespace
}  // namespace vibes::test
