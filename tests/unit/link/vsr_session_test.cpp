#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "tests/unit/link/vsr_simulation.hpp"

// What is left of a session, and of a producer, when its connection is gone.

namespace vibes::test {
namespace {

using numbered = std::vector<std::uint64_t>;

TEST_CASE("In 0.9 a lost connection takes its session along", "[link][vsr]") {
  vsr_simulation at(generation::iggy_0_9);
  at.become_ready(2);
  at.offer(0);
  at.offer(1);
  const vsr_send first = at.coordinator.expect_send();
  const vsr_send second = at.coordinator.expect_send();
  at.reconnect(2);
  const vsr_send again = at.coordinator.expect_send();
  CHECK(lines(again) == lines(first));
  CHECK(again.request.body == first.request.body);  // the same ids, in the same batch
  CHECK(again.request.session == first.request.session + 1);
  CHECK(again.request.client != first.request.client);
  CHECK(lines(at.coordinator.expect_send()) == lines(second));
  // In the new session this is a first sending, whatever it was in the old one.
  at.coordinator.answer_send(again, 0);
  CHECK(at.reports.of_line(1).empty());
  CHECK(at.coordinator.link.report().last_error == protocol::wire_errc::unconfirmed_send);
}

TEST_CASE("In 0.10 the session goes on, and what is unresolved goes out as it was", "[link][vsr]") {
  vsr_simulation at(generation::iggy_0_10);
  at.become_ready(2);
  at.offer(0);
  at.offer(1);
  at.offer(0);
  const vsr_send first = at.coordinator.expect_send();
  const vsr_send second = at.coordinator.expect_send();
  at.incarnations = 500;  // the topology has moved on meanwhile
  at.reconnect(2);
  const vsr_send first_again = at.coordinator.expect_send();
  const vsr_send second_again = at.coordinator.expect_send();
  CHECK(first_again.request.number == first.request.number);
  CHECK(first_again.request.client == first.request.client);
  CHECK(first_again.request.session == first.request.session);
  CHECK(first_again.request.incarnation == first.request.incarnation);
  CHECK(first_again.request.metadata_op == first.request.metadata_op);
  CHECK(first_again.request.body == first.request.body);
  CHECK(second_again.request.number == second.request.number);
  CHECK(second_again.request.body == second.request.body);
  // The server's word that it had this before is a commit here.
  at.coordinator.answer_send(first_again, 0);
  at.coordinator.accept(second_again);
  CHECK(at.reports.of_line(1) == "committed");
  const vsr_send next = at.coordinator.expect_send();
  CHECK(lines(next) == numbered{3});
  CHECK(next.request.number > second.request.number);
  CHECK(next.request.incarnation == 500);
}

TEST_CASE("A session may be lost and taken up again and again", "[link][vsr]") {
  vsr_simulation at(generation::iggy_0_10);
  at.become_ready(1);
  at.offer(0);
  const vsr_send first = at.coordinator.expect_send();
  for (int i = 0; i < 5; ++i) {
    at.reconnect(1);
    CHECK(at.coordinator.expect_send().request.number == first.request.number);
  }
  at.coordinator.accept(first);
  CHECK(at.box.empty());
}

/// A connection without a session to go on with begins one by a login.
void logs_in_anew(vsr_simulation& at) {
  at.coordinator.gets(code::login, payload::login(at.gen, at.session_id++));
  at.coordinator.gets(code::nodes, payload::nodes(at.gen, {{1, true}}));
  at.coordinator.gets(code::get_stream, payload::stream(at.gen));
  at.coordinator.gets(code::get_topic, payload::topic(at.gen, {0}));
}

/// Comes back to a server that answers the bind like that, and then takes a login.
void comes_back_without_session(vsr_simulation& at, const std::string& instead_of_bind) {
  at.coordinator.fails();
  at.coordinator.closes();
  at.wait();
  at.is_probed();
  at.coordinator.connects();
  const vsr_request bind = at.coordinator.expect(code::bind);
  at.coordinator.answer(instead_of_bind.empty() ? vsr_reply(bind, {}, 40) : instead_of_bind);
  if (at.coordinator.state() == link_state::closing) {
    at.coordinator.closes();
    at.wait();
    at.is_probed();
    at.coordinator.connects();
  }
  logs_in_anew(at);
}

TEST_CASE("A session that is gone is replaced, and the producer goes on", "[link][vsr]") {
  // Answered as gone; evicted for it; and refused for good, where asking again would not help.
  for (const std::string& answer : {std::string(), vsr_eviction(1), vsr_eviction(7),
                                    vsr_eviction(12), vsr_eviction(9), vsr_eviction(15)}) {
    vsr_simulation at(generation::iggy_0_10);
    at.become_ready(1);
    at.offer(0);
    const vsr_send first = at.coordinator.expect_send();
    comes_back_without_session(at, answer);
    const vsr_send again = at.coordinator.expect_send();
    CHECK(again.request.client != first.request.client);
    CHECK(again.request.session != first.request.session);
    CHECK(lines(again) == lines(first));
    REQUIRE(again.stamp);
    CHECK(again.stamp == first.stamp);
    at.coordinator.accept(again);
    CHECK(at.reports.of_line(1) == "committed");
  }
}

TEST_CASE("A server that never gets to what the session has seen is given a new one",
          "[link][vsr]") {
  vsr_simulation at(generation::iggy_0_10);
  at.become_ready(1);
  at.offer(0);
  const vsr_send first = at.coordinator.expect_send();
  at.coordinator.fails();
  at.coordinator.closes();
  at.wait();
  for (int binds = 0; binds < 5; ++binds) {
    at.is_probed();
    at.coordinator.connects();
    at.coordinator.answer(vsr_reply(at.coordinator.expect(code::bind), {}, 58));
    at.coordinator.closes();
    at.wait();
  }
  at.is_probed();
  at.coordinator.connects();
  logs_in_anew(at);
  const vsr_send again = at.coordinator.expect_send();
  CHECK(again.stamp == first.stamp);
  at.coordinator.accept(again);
  CHECK(at.reports.of_line(1) == "committed");
}

TEST_CASE("A first send of a new session is not taken for a repeated one", "[link][vsr]") {
  vsr_simulation at(generation::iggy_0_10);
  at.become_ready(1);
  at.offer(0);
  at.coordinator.expect_send();
  comes_back_without_session(at, {});
  at.coordinator.answer_send(at.coordinator.expect_send(), 0);
  CHECK(at.reports.of_line(1).empty());
}

TEST_CASE("Stamps count the events of each partition", "[link][vsr][producer]") {
  vsr_simulation at(generation::iggy_0_10, vsr_settings(1));
  at.become_ready(2);
  at.offer(0);
  const vsr_send first = at.coordinator.expect_send();
  for (const protocol::session_hash each : {0u, 0u, 0u, 1u}) at.offer(each);
  CHECK(first.stamp == seen_stamp{0x77, 0, 0});
  at.coordinator.accept(first);
  const vsr_send three = at.coordinator.expect_send();
  CHECK(lines(three) == numbered{2, 3, 4});
  CHECK(three.stamp == seen_stamp{0x77, 0, 1});
  at.coordinator.accept(three);
  const vsr_send other = at.coordinator.expect_send();
  CHECK(other.partition == 1);
  CHECK(other.stamp == seen_stamp{0x77, 0, 0});
  at.coordinator.accept(other);
  at.offer(0);
  CHECK(at.coordinator.expect_send().stamp == seen_stamp{0x77, 0, 4});
}

TEST_CASE("0.9 knows no producers, and a setting forgoes them", "[link][vsr][producer]") {
  link::link_settings settings = vsr_settings();
  vsr_simulation older(generation::iggy_0_9, settings);
  older.become_ready(1);
  older.offer(0);
  CHECK_FALSE(older.coordinator.expect_send().stamp);
  settings.producer_identity = false;
  vsr_simulation without(generation::iggy_0_10, settings);
  without.become_ready(1);
  without.offer(0);
  CHECK_FALSE(without.coordinator.expect_send().stamp);
}

TEST_CASE("A refused batch gives its place to its halves", "[link][vsr][producer]") {
  store::outbox_limits limits = eager_outbox();
  limits.batch.linger = 5ms;
  vsr_simulation at(generation::iggy_0_10, vsr_settings(1), limits);
  at.become_ready(1);
  for (int i = 0; i < 4; ++i) at.offer(0);
  at.pass(5ms);
  const vsr_send whole = at.coordinator.expect_send();
  CHECK(whole.stamp == seen_stamp{0x77, 0, 0});
  at.coordinator.answer_send(whole, 4022);
  const vsr_send half = at.coordinator.expect_send();
  CHECK(lines(half) == numbered{1, 2});
  CHECK(half.stamp == seen_stamp{0x77, 0, 0});
  CHECK(half.request.number > whole.request.number);
  at.coordinator.accept(half);
  const vsr_send rest = at.coordinator.expect_send();
  CHECK(lines(rest) == numbered{3, 4});
  CHECK(rest.stamp == seen_stamp{0x77, 0, 2});
  at.coordinator.answer_send(rest, 4022);
  const vsr_send third = at.coordinator.expect_send();
  CHECK(third.stamp == seen_stamp{0x77, 0, 2});
  at.coordinator.answer_send(third, 4022);
  CHECK(at.reports.of_line(3) == "refused_by_iggy");
  const vsr_send fourth = at.coordinator.expect_send();
  CHECK(fourth.stamp == seen_stamp{0x77, 0, 2});
  at.coordinator.accept(fourth);
  at.offer(0);
  at.pass(5ms);
  CHECK(at.coordinator.expect_send().stamp == seen_stamp{0x77, 0, 3});
}

TEST_CASE("A batch that is refused after an unknown fate may have its place: an epoch begins",
          "[link][vsr][producer]") {
  vsr_simulation at(generation::iggy_0_10, vsr_settings(1));
  at.become_ready(1);
  at.offer(0);
  at.offer(0);
  at.coordinator.answer_send(at.coordinator.expect_send(), 57);
  at.wait();
  const vsr_send refused = at.coordinator.expect_send();
  CHECK(refused.stamp == seen_stamp{0x77, 0, 0});
  at.coordinator.answer_send(refused, 4022);
  const vsr_send next = at.coordinator.expect_send();
  CHECK(lines(next) == numbered{2});
  CHECK(next.stamp == seen_stamp{0x77, 1, 0});
}

TEST_CASE("A server that doubts our place begins a new epoch there: 92 and 94",
          "[link][vsr][producer]") {
  for (const std::uint32_t status : {92u, 94u}) {
    vsr_simulation at(generation::iggy_0_10);
    at.become_ready(2);
    for (const protocol::session_hash each : {0u, 1u}) {
      at.offer(each);
      at.coordinator.accept(at.coordinator.expect_send());
    }
    at.offer(0);
    const vsr_send doubted = at.coordinator.expect_send();
    CHECK(doubted.stamp == seen_stamp{0x77, 0, 1});
    at.coordinator.answer_send(doubted, status);
    at.wait();
    const vsr_send renewed = at.coordinator.expect_send();
    CHECK(renewed.stamp == seen_stamp{0x77, 1, 0});
    CHECK(renewed.request.number > doubted.request.number);
    at.coordinator.answer_send(renewed, status);
    at.wait();
    const vsr_send once_more = at.coordinator.expect_send();
    CHECK(once_more.stamp == seen_stamp{0x77, 2, 0});
    at.coordinator.accept(once_more);
    at.offer(1);
    CHECK(at.coordinator.expect_send().stamp == seen_stamp{0x77, 0, 1});  // nobody doubted that
  }
}

TEST_CASE("A producer that somebody else is becomes another: 93", "[link][vsr][producer]") {
  vsr_simulation at(generation::iggy_0_10);
  at.become_ready(1);
  at.offer(0);
  at.coordinator.accept(at.coordinator.expect_send());
  at.offer(0);
  at.coordinator.answer_send(at.coordinator.expect_send(), 93);
  at.wait();
  const vsr_send renewed = at.coordinator.expect_send();
  REQUIRE(renewed.stamp);
  CHECK(renewed.stamp->producer != 0x77);
  CHECK(renewed.stamp->epoch == 0);
  CHECK(renewed.stamp->sequence == 0);
  at.coordinator.accept(renewed);
  at.offer(0);
  CHECK(at.coordinator.expect_send().stamp == seen_stamp{renewed.stamp->producer, 0, 1});
}

}  // namespace
}  // namespace vibes::test
