#include <catch2/catch.hpp>

#include "daemon/link/backoff.hpp"
#include "protocol/error.hpp"
#include "tests/unit/link/link_simulation.hpp"

// What a ready link does with the answers of Iggy to its sends.

namespace vibes::test {
namespace {

using numbered = std::vector<std::uint64_t>;
using protocol::iggy_errc;

TEST_CASE("A status that asks for patience holds the sends and keeps the connection",
          "[link][statuses]") {
  for (const std::uint32_t status : {1u, 3009u, 11000u, 11001u}) {
    CAPTURE(status);
    link_simulation at;
    at.become_ready(2);
    at.offer(0);
    CHECK(lines(at.expect_send()) == numbered{1});
    at.answer(reply(status));
    CHECK(at.state() == link_state::ready);
    CHECK(at.link.take_event() == link_event::send_delayed);
    CHECK(at.link.report().last_error == protocol::iggy_status(status));
    at.offer(1);
    CHECK(at.silent());  // the others wait too: it is the server that needs the pause
    at.pass(50ms - 1ns);
    CHECK(at.silent());
    at.pass(1ns);
    CHECK(lines(at.expect_send()) == numbered{1});
    at.answer(ok());
    at.answer(ok());
    CHECK(at.box.empty());
    CHECK(at.link.report().connections == 1);
  }
}

TEST_CASE("The pauses grow with each refusal in a row and start over after a commit",
          "[link][statuses]") {
  link_simulation at;
  at.become_ready(1);
  at.random = ~std::uint64_t{0} / 2;
  at.offer(0);
  const auto pause_of = [&](std::uint32_t attempt) {
    return link::backoff_delay(attempt, 50ms, 10s, at.random);
  };
  const auto refused_until_sent_again = [&] {
    at.expect_send();
    at.answer(reply(3009));
    const time_point refused_at = at.now;
    at.pass(at.link.wake_at() - at.now);
    return at.now - refused_at;
  };
  for (std::uint32_t attempt = 0; attempt < 4; ++attempt) {
    CHECK(refused_until_sent_again() == pause_of(attempt));
  }
  at.expect_send();
  at.answer(ok());
  at.offer(0);
  CHECK(refused_until_sent_again() == pause_of(0));
}

TEST_CASE("A partition that is not there lets the topology be read before anything is sent",
          "[link][statuses]") {
  for (const std::uint32_t status : {3007u, 2010u, 20u}) {
    CAPTURE(status);
    link_simulation at;
    at.become_ready(2);
    at.offer(1);
    CHECK(at.expect_send().partition == 1);
    at.answer(reply(status));
    CHECK(at.link.take_event() == link_event::send_delayed);
    at.expect(code::get_topic);
    at.pass(1s);
    CHECK(at.silent());  // not before the answer is there
    at.answer(topic_reply(1));
    CHECK(at.link.take_event() == link_event::topology_changed);
    const seen_send again = at.expect_send();
    CHECK(again.partition == 0);
    CHECK(lines(again) == numbered{1});
    at.answer(ok());
    CHECK(at.reports.of_line(1) == "committed");
  }
}

TEST_CASE("A refused event is told, and its neighbours go on", "[link][statuses]") {
  link_simulation at(link_defaults(), eager_outbox());
  at.become_ready(1);
  at.offer(0);
  at.offer(0);
  at.offer(0);
  CHECK(lines(at.expect_send()) == numbered{1});
  at.answer(reply(4022));
  CHECK(at.link.take_event() == link_event::event_refused);
  CHECK(at.state() == link_state::ready);
  CHECK(lines(at.expect_send()) == numbered{2, 3});
  at.answer(ok());
  CHECK(at.reports.of_line(1) != "committed");
  CHECK(at.reports.of_line(2) == "committed");
  CHECK(at.reports.of_line(3) == "committed");
  CHECK(at.box.losses().of(store::loss_reason::refused_by_iggy) == 1);
}

TEST_CASE("A status that means another session or layout makes the link connect anew",
          "[link][statuses]") {
  for (const std::uint32_t status : {3u, 4u, 6u, 30u, 40u, 80u, 100u, 4033u, 4036u, 4101u, 9999u}) {
    CAPTURE(status);
    link_simulation at;
    at.become_ready(2);
    at.offer(0);
    at.expect_send();
    at.answer(reply(status));
    CHECK(at.state() == link_state::closing);
    CHECK(at.link.take_event() == link_event::lost);
    CHECK(at.link.report().last_error == protocol::iggy_status(status));
    at.closes();
    at.sleep_through();
    at.become_ready(2);
    CHECK(lines(at.expect_send()) == numbered{1});
  }
}

TEST_CASE("Without the right to send the link keeps its events and asks slowly",
          "[link][statuses]") {
  link_simulation at;
  at.become_ready(1);
  at.offer(0);
  at.expect_send();
  at.answer(reply(41));
  at.closes();
  CHECK(at.link.report().retry_delay == duration(5s));
  CHECK(at.box.queue().usage().events == 1);
}

TEST_CASE("A server that says that it shuts down answers nobody", "[link][statuses]") {
  link_simulation at;
  at.become_ready(1);

  SECTION("with nothing asked") {
    at.answer(reply(8));
  }
  SECTION("in place of a reply") {
    at.offer(0);
    at.expect_send();
    at.answer(reply(8));
    CHECK(at.box.queue().usage().events == 1);
  }
  CHECK(at.state() == link_state::closing);
  CHECK(at.link.report().last_error == make_error_code(iggy_errc::disconnected));
}

TEST_CASE("A reply that nobody asked for ends the connection", "[link][statuses]") {
  link_simulation at;
  at.become_ready(1);
  at.answer(ok());
  CHECK(at.state() == link_state::closing);
  CHECK(at.link.report().last_error == make_error_code(protocol::wire_errc::unexpected_reply));
}

}  // namespace
}  // namespace vibes::test
