#include <catch2/catch.hpp>
#include <set>

#include "protocol/error.hpp"
#include "tests/unit/link/vsr_simulation.hpp"

// Partitions that are led by nodes of their own (0.10), and the links to those.

namespace vibes::test {
namespace {

using numbered = std::vector<std::uint64_t>;

std::string two_nodes(generation gen) {
  return payload::nodes(gen, {{1, true}, {2, false}});
}

TEST_CASE("Each link sends for the partitions that its node leads", "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_10);
  at.join_cluster({1, 2, 3}, {1, 2, 3, 2});
  vsr_line& second = at.node_link(2);
  vsr_line& third = at.node_link(3);
  CHECK(second.link.report().is_node_link);
  for (const protocol::session_hash each : {0u, 1u, 2u, 3u}) at.offer(each);
  const vsr_send by_coordinator = at.coordinator.expect_send();
  CHECK(by_coordinator.partition == 0);
  CHECK(at.coordinator.silent());
  const vsr_send one = second.expect_send();
  const vsr_send two = second.expect_send();
  CHECK(one.partition == 1);
  CHECK(two.partition == 3);
  CHECK(second.silent());
  const vsr_send by_third = third.expect_send();
  CHECK(by_third.partition == 2);
  // One client in one session, so all numbers differ.
  CHECK(one.request.client == by_coordinator.request.client);
  CHECK(one.request.session == by_coordinator.request.session);
  const std::set<std::uint64_t> numbers{by_coordinator.request.number, one.request.number,
                                        two.request.number, by_third.request.number};
  CHECK(numbers.size() == 4);
  at.coordinator.accept(by_coordinator);
  second.accept(one);
  second.accept(two);
  third.accept(by_third);
  CHECK(at.box.empty());
}

TEST_CASE("A partition has one unanswered send over all links", "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_10);
  at.join_cluster({1, 2}, {1, 2});
  vsr_line& second = at.node_link(2);
  at.offer(1);
  const vsr_send on_its_way = second.expect_send();
  at.offer(1);
  at.offer(0);
  const vsr_send refused = at.coordinator.expect_send();
  // Partition 1 moves to the home node while its send is with the other.
  at.coordinator.answer_send(refused, 89);
  at.learns({1, 2}, {1, 1});
  at.wait();
  const vsr_send again = at.coordinator.expect_send();
  CHECK(again.partition == 0);
  at.coordinator.accept(again);
  CHECK(at.coordinator.silent());
  second.accept(on_its_way);
  const vsr_send next = at.coordinator.expect_send();
  CHECK(lines(next) == numbered{2});
  CHECK(second.silent());
}

TEST_CASE("What a branch could not send is sent by who leads now, as it was",
          "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_10);
  at.join_cluster({1, 2}, {1, 2});
  vsr_line& second = at.node_link(2);
  at.offer(1);
  const vsr_send first = second.expect_send();
  second.answer_send(first, 89);
  at.learns({1, 2}, {1, 1});
  at.wait();
  const vsr_send again = at.coordinator.expect_send();
  CHECK(again.request.number == first.request.number);
  CHECK(again.request.body == first.request.body);
  at.coordinator.accept(again);
  CHECK(at.box.empty());
}

TEST_CASE("A branch that fails makes the home link ask, and all wait for the answer",
          "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_10);
  at.join_cluster({1, 2}, {1, 2});
  vsr_line& second = at.node_link(2);
  at.offer(1);
  const vsr_send first = second.expect_send();
  second.fails();
  CHECK(at.coordinator.state() == link_state::ready);
  CHECK(at.work.out() == 0);
  at.offer(0);
  const vsr_request asked = at.coordinator.expect(code::nodes);
  CHECK(at.coordinator.silent());
  at.coordinator.answer(vsr_reply(asked, two_nodes(at.gen)));
  at.coordinator.gets(code::get_topic, payload::topic(at.gen, {0, 1}));
  at.coordinator.gets(code::route, payload::route(0, 1));
  at.coordinator.gets(code::route, payload::route(1, 2));
  at.coordinator.accept(at.coordinator.expect_send());
  // It still leads: the node link comes back, in the same session.
  second.closes();
  at.wait();
  second.connects(2);
  second.gets(code::bind, payload::opened(at.gen, 900));
  const vsr_send again = second.expect_send();
  CHECK(again.request.number == first.request.number);
  second.accept(again);
  CHECK(at.box.empty());
}

TEST_CASE("New partitions wait until no link has a send under way", "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_10);
  at.join_cluster({1, 2}, {1, 2});
  vsr_line& second = at.node_link(2);
  at.offer(1);
  const vsr_send by_node_link = second.expect_send();
  at.offer(0);
  const vsr_send by_coordinator = at.coordinator.expect_send();
  at.coordinator.answer_send(by_coordinator, 58);
  at.learns({1, 2}, {1, 2, 1, 2});
  CHECK(at.shared.hold_sends);
  at.offer(0);
  at.pass(5s);
  CHECK(at.coordinator.silent());
  CHECK(second.silent());
  CHECK(at.coordinator.link.report().partitions_count == 2);
  second.accept(by_node_link);  // audited_work sees to it that nothing is out when the lanes change
  CHECK_FALSE(at.shared.hold_sends);
  CHECK(at.coordinator.link.report().partitions_count == 4);
  const vsr_send again = at.coordinator.expect_send();
  CHECK(again.request.number == by_coordinator.request.number);
  at.coordinator.accept(again);
}

TEST_CASE("The barrier falls when the branch that held it up is lost", "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_10);
  at.join_cluster({1, 2}, {1, 2});
  vsr_line& second = at.node_link(2);
  at.offer(1);
  second.expect_send();
  at.offer(0);
  at.coordinator.answer_send(at.coordinator.expect_send(), 58);
  at.learns({1, 2}, {1, 2, 1});
  CHECK(at.shared.hold_sends);
  second.fails();
  CHECK_FALSE(at.shared.hold_sends);
  CHECK(at.coordinator.link.report().partitions_count == 3);
}

TEST_CASE("The barrier falls with the home link, which learns anew", "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_10);
  at.join_cluster({1, 2}, {1, 2});
  vsr_line& second = at.node_link(2);
  at.offer(1);
  const vsr_send by_node_link = second.expect_send();
  at.offer(0);
  at.coordinator.answer_send(at.coordinator.expect_send(), 58);
  at.learns({1, 2}, {1, 2, 1});
  at.coordinator.fails();
  at.coordinator.closes();
  CHECK_FALSE(at.shared.hold_sends);
  at.wait();
  at.join_cluster({1, 2}, {1, 2, 1});
  CHECK(at.shared.hold_sends);
  CHECK(at.coordinator.silent());
  second.accept(by_node_link);
  CHECK(at.coordinator.link.report().partitions_count == 3);
  CHECK(lines(at.coordinator.expect_send()) == numbered{2});
}

TEST_CASE("A route that is answered too late for its question is not taken for another's",
          "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_10);
  at.join_cluster({1, 2}, {1, 2});
  at.offer(0);
  at.coordinator.answer_send(at.coordinator.expect_send(), 58);
  at.coordinator.gets(code::nodes, two_nodes(at.gen));
  at.coordinator.gets(code::get_topic, payload::topic(at.gen, {0, 1}));
  const vsr_request first = at.coordinator.expect(code::route);
  const vsr_request late = at.coordinator.expect(code::route);
  at.coordinator.answer(vsr_reply(first, {}, 58));
  at.wait();
  const vsr_request nodes = at.coordinator.expect(code::nodes);
  at.coordinator.answer(vsr_reply(late, payload::route(1, 2)));
  CHECK(at.coordinator.silent());
  at.coordinator.answer(vsr_reply(nodes, two_nodes(at.gen)));
  at.coordinator.gets(code::get_topic, payload::topic(at.gen, {0, 1}));
  at.coordinator.gets(code::route, payload::route(0, 1));
  at.coordinator.gets(code::route, payload::route(1, 2));
  at.coordinator.accept(at.coordinator.expect_send());
  CHECK(at.box.empty());
}

TEST_CASE("A branch that hears of no such session makes the home link look",
          "[link][vsr][cluster]") {
  const std::string gone[] = {"40", "57", "14001", "evicted"};
  for (const std::string& answer : gone) {
    CAPTURE(answer);
    vsr_simulation at(generation::iggy_0_10);
    at.join_cluster({1, 2}, {1, 2});
    vsr_line& second = at.node_link(2);
    at.offer(1);
    const vsr_send first = second.expect_send();
    second.fails();
    at.learns({1, 2}, {1, 2});
    second.closes();
    at.wait();
    second.connects(2);
    const vsr_request bind = second.expect(code::bind);
    CHECK(at.coordinator.state() == link_state::ready);
    second.answer(answer == "evicted"
                      ? vsr_eviction(1)
                      : vsr_reply(bind, {}, static_cast<std::uint32_t>(std::stoul(answer))));
    CHECK(at.coordinator.state() == link_state::closing);
    at.coordinator.closes();
    at.wait();
    at.is_probed();
    at.coordinator.connects();
    at.coordinator.gets(code::bind, {}, 40);  // it is gone indeed
    at.coordinator.gets(code::login, payload::login(at.gen, 901));
    at.coordinator.gets(code::nodes, two_nodes(at.gen));
    at.coordinator.gets(code::get_stream, payload::stream(at.gen));
    at.coordinator.gets(code::get_topic, payload::topic(at.gen, {0, 1}));
    at.coordinator.gets(code::route, payload::route(0, 1));
    at.coordinator.gets(code::route, payload::route(1, 1));
    const vsr_send again = at.coordinator.expect_send();
    CHECK(again.stamp == first.stamp);
    CHECK(again.request.session == 901);
  }
}

TEST_CASE("Without a session a branch does not send", "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_10);
  at.join_cluster({1, 2}, {1, 2});
  vsr_line& second = at.node_link(2);
  at.coordinator.answer(vsr_eviction(7));
  CHECK(planned_links(at.coordinator.link.report(), at.shared).empty());
  second.fails();
  second.closes();
  while (second.link.task() == link_task::sleep) at.wait();
  second.connects(2);
  CHECK(second.state() == link_state::closing);
  CHECK(second.link.report().last_error == protocol::iggy_errc::invalid_session);
}

TEST_CASE("A stop drains each link's partitions over that link", "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_10);
  at.join_cluster({1, 2}, {1, 2});
  vsr_line& second = at.node_link(2);
  at.box.pause();  // which holds nothing back from who drains
  at.offer(0);
  at.offer(1);
  CHECK(at.coordinator.silent());
  CHECK(second.silent());
  SECTION("when all of them are told") {
    at.coordinator.link.stop(true, at.now);
    second.link.stop(true, at.now);
    at.wake();
    at.coordinator.accept(at.coordinator.expect_send());
    CHECK(at.coordinator.state() == link_state::ready);  // it is not over yet
    second.accept(second.expect_send());
    CHECK(at.box.empty());
    second.closes();
    at.coordinator.closes();
    CHECK(second.link.task() == link_task::stop);
    CHECK(at.coordinator.link.task() == link_task::stop);
  }
  SECTION("and not before a link is told") {
    at.coordinator.link.stop(true, at.now);
    at.wake();
    at.coordinator.accept(at.coordinator.expect_send());
    CHECK(second.silent());
  }
}

TEST_CASE("A branch that is told to stop gives back what is on its way, and is no trouble",
          "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_10);
  at.join_cluster({1, 2}, {1, 2});
  vsr_line& second = at.node_link(2);
  at.offer(1);
  const vsr_send first = second.expect_send();
  second.link.take_event();
  second.link.stop(false, at.now);
  at.wake();
  CHECK(at.work.out() == 0);
  CHECK(second.link.take_event() == link_event::none);
  second.closes();
  CHECK(second.link.task() == link_task::stop);
  CHECK(at.coordinator.state() == link_state::ready);
  at.learns({1, 2}, {1, 1});
  const vsr_send again = at.coordinator.expect_send();
  CHECK(again.request.number == first.request.number);
  CHECK(again.request.body == first.request.body);
}

}  // namespace
}  // namespace vibes::test
