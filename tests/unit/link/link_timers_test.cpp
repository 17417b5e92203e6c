#include <catch2/catch.hpp>

#include "daemon/link/backoff.hpp"
#include "tests/unit/link/link_simulation.hpp"

// Heartbeat, topology, backoff, addresses, and the end.

namespace vibes::test {
namespace {

using numbered = std::vector<std::uint64_t>;

link::link_settings with_addresses(std::size_t count) {
  link::link_settings settings = link_defaults();
  settings.addresses.resize(count, "127.0.0.1:1");
  return settings;
}

TEST_CASE("A ping goes out on its timer, idle or not", "[link][timers]") {
  link_simulation at;
  at.become_ready(1);
  for (int i = 0; i < 3; ++i) {
    at.pass(5s - 1ns);
    CHECK(at.silent());
    at.pass(1ns);
    at.expect(code::ping);
    at.answer(ok());
  }
  at.pass(4s);
  at.offer(0);
  at.expect_send();
  at.pass(1s);  // the send is unanswered, the ping goes nevertheless
  at.expect(code::ping);
  at.answer(ok() + ok());
  CHECK(at.box.empty());
  CHECK(at.state() == link_state::ready);
}

TEST_CASE("A ping without an answer ends the connection", "[link][timers]") {
  link_simulation at;
  at.become_ready(1);
  at.pass(5s);
  at.expect(code::ping);
  at.pass(10s);
  CHECK(at.state() == link_state::closing);
  CHECK(at.link.report().last_error_during == protocol::command::ping);
}

TEST_CASE("Only what the peer's TCP has acknowledged puts the silence off", "[link][timers]") {
  link::link_settings settings = link_defaults();
  settings.heartbeat = 1h;
  link_simulation at(settings);
  at.become_ready(1);
  at.offer(0, 8'000);
  at.expect_send();  // all of it was handed to the socket
  at.pass(9s);
  SECTION("nothing is") {
    at.link.unacknowledged(1 << 20, at.now);
    at.pass(1s);
    CHECK(at.state() == link_state::closing);
  }
  SECTION("a part is, and the rest follows") {
    at.link.unacknowledged(4'000, at.now);
    at.pass(9s);
    CHECK(at.state() == link_state::ready);
    at.link.unacknowledged(0, at.now);
    at.pass(10s - 1ns);
    CHECK(at.state() == link_state::ready);
    at.pass(1ns);
    CHECK(at.state() == link_state::closing);
  }
}

TEST_CASE("A new partition count waits for what is in flight, then routes anew", "[link][timers]") {
  link::link_settings settings = link_defaults();
  settings.heartbeat = 1h;
  settings.reply_timeout = 1h;
  settings.requests_in_flight_max = 8;
  link_simulation at(settings);
  at.become_ready(2);
  at.pass(30s);
  at.expect(code::get_topic);
  at.offer(1);
  CHECK(at.expect_send().partition == 1);
  at.offer(3);  // partition 1 of two, 3 of four
  at.link.take_event();
  at.answer(topic_reply(4));
  CHECK(at.link.report().partitions_count == 2);
  at.offer(0);  // its partition is free, and may be another one in a moment
  CHECK(at.silent());
  CHECK(at.link.report().sends_in_flight == 1);
  CHECK(at.link.take_event() == link_event::none);
  at.answer(ok());
  CHECK(at.link.take_event() == link_event::topology_changed);
  CHECK(at.link.report().partitions_count == 4);
  const seen_send moved = at.expect_send();
  CHECK(moved.partition == 3);
  CHECK(lines(moved) == numbered{2});
  const seen_send held = at.expect_send();
  CHECK(held.partition == 0);
  CHECK(lines(held) == numbered{3});
}

TEST_CASE("A topic that was deleted is met by a fresh handshake", "[link][timers]") {
  link::link_settings settings = link_defaults();
  settings.heartbeat = 1h;
  link_simulation at(settings);
  at.become_ready(2);
  at.pass(30s);
  at.expect(code::get_topic);
  at.answer(nothing_there());
  CHECK(at.state() == link_state::closing);
  CHECK(at.link.take_event() == link_event::lost);
}

/// The link is up for so long, and its pings are answered.
void lasts(link_simulation& at, duration time) {
  for (; time >= 5s; time -= 5s) {
    at.pass(5s);
    at.expect(code::ping);
    at.answer(ok());
  }
  at.pass(time);
}

TEST_CASE("Backoff grows while nothing is committed, however often the link comes up",
          "[link][timers]") {
  link_simulation at;
  at.random = ~std::uint64_t{0} / 2;
  const auto wait_of = [&](std::uint32_t attempt) {
    return link::backoff_delay(attempt, 50ms, 10s, at.random);
  };
  const auto is_lost = [&] {
    at.fails();
    at.closes();
  };
  constexpr std::uint32_t attempts = 4;
  REQUIRE(wait_of(attempts) < wait_of(attempts + 1));  // or it could not be seen to grow
  for (std::uint32_t attempt = 0; attempt < attempts; ++attempt) {
    at.become_ready(1);
    lasts(at, attempt % 2 == 0 ? 25s : 0s);
    is_lost();
    CHECK(at.link.report().retry_delay == wait_of(attempt));
    at.sleep_through();
  }
  at.become_ready(1);
  at.offer(0);
  at.expect_send();
  at.answer(ok());

  SECTION("and stays when the link that committed was short") {
    lasts(at, 10s - 1ns);
    is_lost();
    CHECK(at.link.report().retry_delay == wait_of(attempts));
    at.sleep_through();
    at.become_ready(1);
    lasts(at, 25s);
    is_lost();
    CHECK(at.link.report().retry_delay == wait_of(attempts + 1));
  }
  SECTION("and starts over after a link that lasted and committed") {
    lasts(at, 10s);
    is_lost();
    CHECK(at.link.report().retry_delay == wait_of(0));
  }
}

TEST_CASE("Addresses are tried in turn, and the pause comes after the last", "[link][timers]") {
  link_simulation at(with_addresses(3));
  for (const std::size_t expected : {0u, 1u, 2u}) {
    CHECK(at.link.task() == link_task::connect);
    CHECK(at.link.report().address_index == expected);
    at.fails(boost::system::errc::connection_refused);
    CHECK(at.link.report().last_error_in_connect);
    at.closes();
  }
  CHECK(at.state() == link_state::backing_off);
  at.sleep_through();
  CHECK(at.link.report().address_index == 0);
}

TEST_CASE("A link that was ready comes back to its own address first", "[link][timers]") {
  link_simulation at(with_addresses(3));
  at.fails(boost::system::errc::connection_refused);
  at.closes();
  at.become_ready(1);
  CHECK(at.link.report().address_index == 1);
  at.fails();
  at.closes();
  at.sleep_through();
  CHECK(at.link.report().address_index == 1);
}

TEST_CASE("A drain sends what is queued and then ends", "[link][timers]") {
  link_simulation at;
  at.become_ready(2);
  at.offer(0);
  at.expect_send();
  at.offer(0);
  at.stop(true);
  CHECK(at.state() == link_state::ready);
  at.answer(ok());
  CHECK(lines(at.expect_send()) == numbered{2});
  at.answer(ok());
  CHECK(at.box.empty());
  at.closes();
  CHECK(at.link.task() == link_task::stop);
}

TEST_CASE("A drain in an outage tries once more without waiting", "[link][timers]") {
  link_simulation at;
  at.offer(0);
  at.fails(boost::system::errc::connection_refused);
  at.closes();
  CHECK(at.state() == link_state::backing_off);
  at.stop(true);
  at.pass(0ms);
  at.become_ready(1);
  CHECK(lines(at.expect_send()) == numbered{1});
  at.answer(ok());
  at.closes();
  CHECK(at.link.task() == link_task::stop);
}

TEST_CASE("Stopping without a drain gives back what was in flight, in every state",
          "[link][timers]") {
  link_simulation at;
  at.offer(0);
  SECTION("connecting") {}
  SECTION("handshaking") {
    at.connects();
  }
  SECTION("ready") {
    at.become_ready(1);
    at.expect_send();
  }
  SECTION("backing off") {
    at.fails(boost::system::errc::connection_refused);
    at.closes();
  }
  at.stop(false);
  if (at.link.task() == link_task::close) at.closes();
  CHECK(at.link.task() == link_task::stop);
  CHECK(at.box.queue().usage().events == 1);
  CHECK(at.work.out() == 0);
}

}  // namespace
}  // namespace vibes::test
