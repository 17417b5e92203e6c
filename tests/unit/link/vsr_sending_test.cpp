#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "tests/unit/link/vsr_simulation.hpp"

// Sends to servers of 0.9 and later: numbers, and replies that find their requests by them.

namespace vibes::test {
namespace {

using numbered = std::vector<std::uint64_t>;
using protocol::iggy_errc;
using protocol::wire_errc;

constexpr generation both[] = {generation::iggy_0_9, generation::iggy_0_10};

TEST_CASE("Every request of a session has a number of its own, and a higher one", "[link][vsr]") {
  for (const generation gen : both) {
    link::link_settings settings = vsr_settings();
    settings.heartbeat = 1s;
    settings.topology_refresh = 3s;
    vsr_simulation at(gen, settings);
    at.become_ready(2);
    std::uint64_t last = 0;
    for (int i = 0; i < 20; ++i) {
      at.offer(static_cast<protocol::session_hash>(i));
      at.pass(1s);
      while (const auto request = at.coordinator.next()) {
        CHECK(request->number > last);
        CHECK(request->session == 900);
        last = request->number;
        if (request->code == code::send) {
          at.coordinator.accept(read_vsr_send(*request));
        } else if (request->code == code::get_topic) {
          at.coordinator.answer(vsr_reply(*request, payload::topic(gen, {0, 1})));
        } else {
          at.coordinator.answer(vsr_reply(*request));
        }
      }
    }
    CHECK(at.box.empty());
    CHECK(at.box.counters().committed_events == 20);
    CHECK(at.coordinator.link.report().connections == 1);
  }
}

TEST_CASE("Replies find their requests in whatever order they come", "[link][vsr]") {
  for (const generation gen : both) {
    std::vector<std::size_t> order{0, 1, 2};
    do {
      vsr_simulation at(gen);
      at.become_ready(3);
      std::vector<vsr_send> sent;
      for (const protocol::session_hash each : {0u, 1u, 2u}) {
        at.offer(each);
        sent.push_back(at.coordinator.expect_send());
      }
      for (const std::size_t each : order) {
        at.coordinator.accept(sent[each]);
        CHECK(at.reports.of_line(each + 1) == "committed");
      }
      CHECK(at.box.empty());
      CHECK(at.coordinator.state() == link_state::ready);
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST_CASE("A reply with a number that nobody has ends the connection", "[link][vsr]") {
  for (const generation gen : both) {
    for (const bool was_answered : {false, true}) {
      CAPTURE(to_string(gen), was_answered);
      vsr_simulation at(gen);
      at.become_ready(2);
      at.offer(0);
      vsr_send sent = at.coordinator.expect_send();
      if (was_answered) {
        at.coordinator.accept(sent);
        at.offer(0);
        at.coordinator.expect_send();
      } else {
        sent.request.number += 1;
      }
      at.coordinator.accept(sent);
      CHECK(at.coordinator.state() == link_state::closing);
      CHECK(at.coordinator.link.report().last_error == wire_errc::unexpected_reply);
      at.reconnect();
      at.coordinator.accept(at.coordinator.expect_send());
      CHECK(at.box.empty());
    }
  }
}

TEST_CASE("A reply cut anywhere is a reply when the rest has come", "[link][vsr]") {
  vsr_simulation at(generation::iggy_0_10);
  at.become_ready(1);
  const std::size_t size = 256 + payload::stored(0).size();
  for (std::size_t cut = 1; cut < size; ++cut) {
    at.offer(0);
    const vsr_send sent = at.coordinator.expect_send();
    const std::string whole = vsr_reply(sent.request, payload::stored(0));
    at.coordinator.answer(whole.substr(0, cut));
    REQUIRE_FALSE(at.box.empty());
    at.coordinator.answer(whole.substr(cut));
    REQUIRE(at.box.empty());
  }
}

TEST_CASE("What may have been applied is repeated as it was: 57", "[link][vsr]") {
  for (const generation gen : both) {
    vsr_simulation at(gen);
    at.become_ready(2);
    at.offer(1);
    const vsr_send first = at.coordinator.expect_send();
    at.offer(1);
    for (int times = 0; times < 4; ++times) {
      at.coordinator.answer_send(first, 57);
      CHECK(at.coordinator.silent());
      CHECK(at.coordinator.link.take_event() == link_event::send_delayed);
      at.wait();
      const vsr_send again = at.coordinator.expect_send();
      CHECK(again.request.number == first.request.number);
      CHECK(again.request.incarnation == first.request.incarnation);
      CHECK(again.request.body == first.request.body);
    }
    at.coordinator.accept(first);
    CHECK(at.reports.of_line(1) == "committed");
    const vsr_send next = at.coordinator.expect_send();
    CHECK(lines(next) == numbered{2});
    CHECK(next.request.number > first.request.number);
  }
}

TEST_CASE("A repeated send may be answered with nothing: it was applied before", "[link][vsr]") {
  for (const generation gen : both) {
    for (const std::string& nothing : {std::string(), number(0, 4)}) {
      vsr_simulation at(gen);
      at.become_ready(1);
      at.offer(0);
      at.coordinator.answer_send(at.coordinator.expect_send(), 57);
      at.wait();
      at.coordinator.answer_send(at.coordinator.expect_send(), 0, nothing);
      CHECK(at.reports.of_line(1) == "committed");
      CHECK(at.coordinator.state() == link_state::ready);
    }
  }
}

/// A first sending that is answered as if it had been there before: it was not stored.
void is_taken_for_an_old_one(generation gen, std::uint32_t status, const std::string& payload) {
  CAPTURE(to_string(gen), status);
  vsr_simulation at(gen);
  at.become_ready(1);
  at.offer(0);
  const vsr_send first = at.coordinator.expect_send();
  at.coordinator.answer_send(first, status, payload);
  CHECK(at.reports.of_line(1).empty());
  CHECK(at.coordinator.state() == link_state::closing);
  CHECK(at.coordinator.link.report().last_error == wire_errc::unconfirmed_send);
  at.reconnect(1);
  const vsr_send again = at.coordinator.expect_send();
  CHECK(lines(again) == numbered{1});
  CHECK((again.request.session != first.request.session ||
         again.request.number != first.request.number));
  CHECK(again.stamp == first.stamp);
  // Once more the same answer is as little a commit as before.
  at.coordinator.answer_send(again, status, payload);
  CHECK(at.reports.of_line(1).empty());
  at.reconnect(1);
  at.coordinator.accept(at.coordinator.expect_send());
  CHECK(at.reports.of_line(1) == "committed");
}

TEST_CASE("A first send that is answered with nothing was not stored", "[link][vsr]") {
  for (const generation gen : both) {
    is_taken_for_an_old_one(gen, 0, {});
    is_taken_for_an_old_one(gen, 0, number(0, 4));
  }
}

TEST_CASE("Already applied (59) is a commit of what went out before, and of nothing else",
          "[link][vsr]") {
  for (const generation gen : both) {
    is_taken_for_an_old_one(gen, 59, {});
    vsr_simulation at(gen);
    at.become_ready(1);
    at.offer(0);
    at.coordinator.answer_send(at.coordinator.expect_send(), 57);
    at.wait();
    at.coordinator.answer_send(at.coordinator.expect_send(), 59);
    CHECK(at.reports.of_line(1) == "committed");
    CHECK(at.coordinator.state() == link_state::ready);
  }
}

TEST_CASE("A confirmation of another partition is not believed", "[link][vsr]") {
  vsr_simulation at(generation::iggy_0_10);
  at.become_ready(2);
  at.offer(1);
  at.coordinator.answer_send(at.coordinator.expect_send(), 0, payload::stored(0));
  CHECK(at.coordinator.link.report().last_error == wire_errc::unexpected_reply);
  CHECK(at.reports.of_line(1).empty());
}

/// A batch of partition 0 is refused with 57, so many sends of partition 1 go by, and it is sent
/// again: whether that is the same request.
bool is_repeated_after(generation gen, int sends) {
  link::link_settings settings = vsr_settings();
  settings.backoff_min = settings.backoff_max = 1s;
  vsr_simulation at(gen, settings);
  at.become_ready(2);
  at.offer(0);
  const vsr_send first = at.coordinator.expect_send();
  for (int i = 0; i < sends; ++i) {
    at.offer(1);
    at.coordinator.accept(at.coordinator.expect_send());
  }
  at.coordinator.answer_send(first, 57);
  at.pass(1s);
  const vsr_send again = at.coordinator.expect_send();
  promise(lines(again) == lines(first), "another batch went out");
  return again.request.number == first.request.number;
}

TEST_CASE("0.9 forgets, so a number far behind the newest is not repeated", "[link][vsr]") {
  CHECK(is_repeated_after(generation::iggy_0_9, 99));
  CHECK(is_repeated_after(generation::iggy_0_9, 100));
  CHECK_FALSE(is_repeated_after(generation::iggy_0_9, 101));
  CHECK_FALSE(is_repeated_after(generation::iggy_0_9, 300));
  CHECK(is_repeated_after(generation::iggy_0_10, 300));
}

TEST_CASE("A new number that replaces a forgotten one is a first send again", "[link][vsr]") {
  vsr_simulation at(generation::iggy_0_9);
  at.become_ready(2);
  at.offer(0);
  const vsr_send first = at.coordinator.expect_send();
  for (int i = 0; i < 120; ++i) {
    at.offer(1);
    at.coordinator.accept(at.coordinator.expect_send());
  }
  at.coordinator.answer_send(first, 57);
  at.wait();
  const vsr_send renewed = at.coordinator.expect_send();
  at.coordinator.answer_send(renewed, 57);
  at.wait();
  const vsr_send again = at.coordinator.expect_send();
  CHECK(again.request.number == renewed.request.number);
  at.coordinator.answer_send(again, 0);
  CHECK(at.reports.of_line(1) == "committed");
}

TEST_CASE("A batch whose times span more than 71 minutes is split", "[link][vsr]") {
  for (const generation gen : both) {
    store::outbox_limits limits = eager_outbox();
    limits.batch.linger = 5ms;
    vsr_simulation at(gen, vsr_settings(1), limits);
    at.become_ready(1);
    constexpr std::uint64_t span = 0xffff'ffff;  // microseconds
    for (const std::uint64_t time : {std::uint64_t{1000}, 1000 + span, 1001 + span, 1002 + span}) {
      at.offer(0, time);
    }
    at.pass(5ms);
    std::vector<numbered> sent;
    std::uint32_t sequence = 0;
    while (!at.box.empty()) {
      const vsr_send each = at.coordinator.expect_send();
      sent.push_back(lines(each));
      if (gen == generation::iggy_0_10) {
        REQUIRE(each.stamp);
        CHECK(each.stamp->sequence == sequence);  // without a gap for what was not sent
        sequence += static_cast<std::uint32_t>(each.messages.size());
      }
      at.coordinator.accept(each);
    }
    CHECK(sent == std::vector<numbered>{{1, 2}, {3, 4}});
    CHECK(at.box.losses().total() == 0);
  }
}

}  // namespace
}  // namespace vibes::test
