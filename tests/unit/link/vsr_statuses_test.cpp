#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "tests/unit/link/vsr_simulation.hpp"

// What a ready link does with the answers of 0.9 and 0.10 to its sends, and with evictions.

namespace vibes::test {
namespace {

using numbered = std::vector<std::uint64_t>;
using protocol::eviction_errc;

constexpr generation both[] = {generation::iggy_0_9, generation::iggy_0_10};

TEST_CASE("Who is told that ours is wrong reads the topology and repeats the request",
          "[link][vsr]") {
  for (const generation gen : both) {
    for (const std::uint32_t status : {20u, 58u, 89u, 3007u}) {
      CAPTURE(to_string(gen), status);
      vsr_simulation at(gen);
      at.become_ready(2);
      at.offer(1);
      const vsr_send first = at.coordinator.expect_send();
      at.coordinator.answer_send(first, status);
      CHECK(at.coordinator.link.take_event() == link_event::send_delayed);
      const vsr_request asked = at.coordinator.expect(code::get_topic);
      at.pass(1s);
      at.offer(0);
      CHECK(at.coordinator.silent());  // nothing goes out on what may be wrong
      at.coordinator.answer(vsr_reply(asked, payload::topic(gen, {0, 1})));
      const vsr_send again = at.coordinator.expect_send();
      CHECK(again.request.number == first.request.number);
      CHECK(again.request.body == first.request.body);
      at.coordinator.accept(again);
      at.coordinator.accept(at.coordinator.expect_send());
      CHECK(at.box.empty());
      CHECK(at.coordinator.link.report().connections == 1);
    }
  }
}

TEST_CASE("A partition that is led elsewhere for a while does not make the link spin",
          "[link][vsr]") {
  vsr_simulation at(generation::iggy_0_10);
  at.become_ready(1);
  at.offer(0);
  const time_point begin = at.now;
  int sends = 0;
  for (; at.now < begin + 60s; ++sends) {
    at.coordinator.answer_send(at.coordinator.expect_send(), 89);
    at.coordinator.gets(code::get_topic, payload::topic(at.gen, {0}));
    at.wait();
  }
  CHECK(sends < 30);  // the pauses grow
  at.coordinator.accept(at.coordinator.expect_send());
  CHECK(at.box.empty());
}

TEST_CASE("A topology that is moving is asked for again, a little later", "[link][vsr]") {
  for (const std::uint32_t status : {58u, 87u, 88u, 89u, 2010u, 11000u}) {
    CAPTURE(status);
    vsr_simulation at(generation::iggy_0_10);
    at.become_ready(1);
    at.offer(0);
    at.coordinator.answer_send(at.coordinator.expect_send(), 58);
    for (int times = 0; times < 3; ++times) {
      at.coordinator.gets(code::get_topic, {}, status);
      CHECK(at.coordinator.silent());
      at.wait();
    }
    at.coordinator.gets(code::get_topic, payload::topic(at.gen, {0}));
    at.coordinator.accept(at.coordinator.expect_send());
    CHECK(at.box.empty());
    CHECK(at.coordinator.link.report().connections == 1);
  }
}

TEST_CASE("A partition that began another life is sent a new request on its new route: 87",
          "[link][vsr]") {
  vsr_simulation at(generation::iggy_0_10);
  at.become_ready(2);
  at.offer(1);
  const vsr_send first = at.coordinator.expect_send();
  CHECK(first.request.incarnation == 101);
  CHECK(first.request.metadata_op == 201);
  at.coordinator.answer_send(first, 87);
  at.coordinator.gets(code::get_topic, payload::topic(at.gen, {0, 1}, 300));
  at.wait();
  const vsr_send again = at.coordinator.expect_send();
  CHECK(again.request.number > first.request.number);
  CHECK(again.request.incarnation == 301);
  CHECK(again.stamp == first.stamp);
  CHECK(again.request.body == first.request.body);
  // It is new: an empty success would not be a commit.
  at.coordinator.accept(again);
  CHECK(at.reports.of_line(1) == "committed");
}

TEST_CASE("What 58 did not accept is sent again with what the topology says by then",
          "[link][vsr]") {
  vsr_simulation at(generation::iggy_0_10);
  at.become_ready(2);
  at.offer(1);
  const vsr_send first = at.coordinator.expect_send();
  at.coordinator.answer_send(first, 58);
  at.coordinator.gets(code::get_topic, payload::topic(at.gen, {0, 1}, 300));
  at.wait();
  const vsr_send again = at.coordinator.expect_send();
  CHECK(again.request.number == first.request.number);
  CHECK(again.request.incarnation == 301);
  CHECK(again.request.body == first.request.body);
  at.coordinator.accept(again);
  CHECK(at.reports.of_line(1) == "committed");
}

TEST_CASE("A request that is over is replaced by a new one: 88, or 85 when repeated",
          "[link][vsr]") {
  for (const std::uint32_t status : {85u, 88u}) {
    vsr_simulation at(generation::iggy_0_10);
    at.become_ready(1);
    at.offer(0);
    vsr_send first = at.coordinator.expect_send();
    if (status == 85) {
      // To a first sending it would mean that our numbers are used up (used_up_numbers_test.cpp).
      at.coordinator.answer_send(first, 57);
      at.wait();
      first = at.coordinator.expect_send();
    }
    at.coordinator.answer_send(first, status);
    CHECK(at.coordinator.silent());  // the topology is not in doubt
    at.wait();
    const vsr_send again = at.coordinator.expect_send();
    CHECK(again.request.number > first.request.number);
    CHECK(again.request.body == first.request.body);  // with its stamp, by which it is known
    at.coordinator.accept(again);
    CHECK(at.reports.of_line(1) == "committed");
  }
}

TEST_CASE("A refused event goes, and its number and stamp are not missed", "[link][vsr]") {
  for (const generation gen : both) {
    vsr_simulation at(gen, vsr_settings(1));
    at.become_ready(1);
    for (int i = 0; i < 3; ++i) at.offer(0);
    const vsr_send first = at.coordinator.expect_send();
    CHECK(lines(first) == numbered{1});
    at.coordinator.answer_send(first, 4022);
    const vsr_send next = at.coordinator.expect_send();
    CHECK(lines(next) == numbered{2, 3});
    CHECK(next.request.number > first.request.number);
    CHECK(next.stamp == first.stamp);
    at.coordinator.accept(next);
    CHECK(at.reports.of_line(1) == "refused_by_iggy");
    CHECK(at.reports.of_line(3) == "committed");
  }
}

TEST_CASE("A status that a server would have to be wrong for leads to a fresh connection",
          "[link][vsr]") {
  for (const generation gen : both) {
    for (const std::uint32_t status : {3u, 40u, 4036u, 9999u, 14001u}) {
      CAPTURE(to_string(gen), status);
      vsr_simulation at(gen);
      at.become_ready(1);
      at.offer(0);
      at.coordinator.answer_send(at.coordinator.expect_send(), status);
      CHECK(at.coordinator.state() == link_state::closing);
      CHECK(at.coordinator.link.report().last_error == protocol::iggy_status(status));
      at.reconnect(1);
      at.coordinator.accept(at.coordinator.expect_send());
      CHECK(at.box.empty());
    }
  }
}

TEST_CASE("What needs an operator is tried slowly, and keeps its events", "[link][vsr]") {
  vsr_simulation at(generation::iggy_0_10);
  at.become_ready(1);
  at.offer(0);
  at.coordinator.answer_send(at.coordinator.expect_send(), 95);
  at.coordinator.closes();
  CHECK(at.coordinator.link.report().retry_delay >= 5s);
  CHECK(at.box.queue().usage().events == 1);
}

TEST_CASE("An eviction ends the connection, and its reason says how it begins again",
          "[link][vsr]") {
  struct {
    std::uint8_t reason;
    bool ends_session;
    bool slow;
  } const cases[] = {{1, false, false}, {13, false, false}, {7, true, false},
                     {8, true, false},  {12, true, false},  {9, false, true}};
  for (const generation gen : both) {
    for (const auto& each : cases) {
      CAPTURE(to_string(gen), int{each.reason});
      vsr_simulation at(gen);
      at.become_ready(1);
      at.offer(0);
      const vsr_send first = at.coordinator.expect_send();
      at.coordinator.answer(vsr_eviction(each.reason));
      CHECK(at.coordinator.state() == link_state::closing);
      CHECK(at.coordinator.link.report().last_error == protocol::eviction_error(each.reason));
      CHECK(at.work.out() == 0);
      at.coordinator.closes();
      CHECK((at.coordinator.link.report().retry_delay >= 5s) == each.slow);
      at.wait();
      at.become_ready(1);
      const vsr_send again = at.coordinator.expect_send();
      CHECK(lines(again) == numbered{1});
      const bool same_session = gen == generation::iggy_0_10 && !each.ends_session;
      CHECK((again.request.session == first.request.session) == same_session);
      CHECK((again.request.client == first.request.client) == same_session);
      if (same_session) CHECK(again.request.number == first.request.number);
      at.coordinator.accept(again);
      CHECK(at.box.empty());
    }
  }
}

TEST_CASE("A login is refused by eviction, slowly or not", "[link][vsr]") {
  for (const generation gen : both) {
    for (const auto reason : std::initializer_list<std::uint8_t>{9, 10, 11, 15}) {
      vsr_simulation at(gen);
      at.is_probed();
      at.coordinator.connects();
      at.coordinator.expect(code::login);
      at.coordinator.answer(vsr_eviction(reason));
      CHECK(at.coordinator.link.report().last_error == protocol::eviction_error(reason));
      CHECK(at.coordinator.link.report().last_error_during ==
            protocol::command::login_with_password);
      at.coordinator.closes();
      CHECK(at.coordinator.link.report().retry_delay >= 5s);
      at.wait();
      at.become_ready();
    }
  }
}

}  // namespace
}  // namespace vibes::test
