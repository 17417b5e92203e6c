#include <catch2/catch.hpp>
#include <set>
#include <utility>

#include "tests/unit/link/vsr_simulation.hpp"

// Which links there are, and which look again when, told as the driver is told it.

namespace vibes::test {
namespace {

using link::link_group;
using member = link_group::member;
using member_state = link_group::member_state;

/// A coordinator link to node 1 of a cluster, ready, as the group's driver finds it.
struct cluster_of_three {
  explicit cluster_of_three(const std::vector<std::uint8_t>& leaders) {
    at.join_cluster({1, 2, 3}, leaders);
    at.work.has_node_links = true;
    given();
  }

  /// The replicas of the links that are to be woken, in turn; 0 is the coordinator link.
  std::vector<std::uint8_t> given() {
    std::vector<std::uint8_t> found;
    while (const member* const each = of.next()) found.push_back(each->plan.replica);
    return found;
  }

  std::vector<std::uint8_t> after(member& went_on) {
    of.went_on(went_on, at.now);
    return given();
  }

  /// Somebody was told that ours is wrong, and the coordinator link asks.
  void learns(const std::vector<std::uint8_t>& leaders) {
    at.shared.topology_wanted = true;
    at.wake();
    at.learns({1, 2, 3}, leaders);
  }

  member& node_link(std::uint8_t replica) {
    for (const member& each : of.node_links()) {
      if (each.plan.replica == replica) return const_cast<member&>(each);
    }
    throw broken_promise("there is no link to that node");
  }

  vsr_simulation at{generation::iggy_0_10};
  link_group& of{at.group};
  member& coordinator{of.coordinator()};
};

using replicas = std::vector<std::uint8_t>;

TEST_CASE("The coordinator link begins, and nobody else", "[link][group]") {
  vsr_simulation at(generation::iggy_0_10);
  CHECK(at.group.coordinator().state == member_state::planned);
  CHECK(at.group.next() == &at.group.coordinator());
  CHECK(at.group.coordinator().state == member_state::running);
  CHECK(at.group.next() == nullptr);
  CHECK(at.group.node_links().empty());
}

TEST_CASE("Each further node that leads gets a link", "[link][group]") {
  cluster_of_three with({1, 2, 3, 2});
  CHECK(with.after(with.coordinator) == replicas{2, 3});
  CHECK(with.of.node_links().size() == 2);
  for (const member& each : with.of.node_links()) {
    CHECK(each.state == member_state::running);
    CHECK(each.machine.report().is_node_link);
    CHECK(each.machine.report().address == ip_of(each.plan.replica) + ":8090");
  }
}

TEST_CASE("A node that leads nothing is left, and its link forgotten when it has ended",
          "[link][group]") {
  cluster_of_three with({1, 2, 3});
  with.after(with.coordinator);
  with.learns({1, 2, 2});
  CHECK(with.after(with.coordinator) == replicas{3, 2});
  member& third = with.node_link(3);
  CHECK(third.state == member_state::leaving);
  third.machine.closed(with.at.now);
  CHECK(third.machine.task() == link_task::stop);
  with.of.ended(third);
  with.of.remove_ended();
  CHECK(with.of.node_links().size() == 1);
  CHECK(with.node_link(2).state == member_state::running);
}

TEST_CASE("A plan like that of a link that leaves is for another link", "[link][group]") {
  cluster_of_three with({1, 2, 3});
  with.after(with.coordinator);
  with.learns({1, 2, 2});
  with.after(with.coordinator);
  with.learns({1, 2, 3});
  with.after(with.coordinator);
  REQUIRE(with.of.node_links().size() == 3);
  CHECK(with.of.node_links().back().plan.replica == 3);
  CHECK(with.of.node_links().back().state == member_state::running);
}

TEST_CASE("No node link outlives the coordinator link's connection", "[link][group]") {
  cluster_of_three with({1, 2, 3});
  with.after(with.coordinator);
  with.at.coordinator.fails();
  with.after(with.coordinator);
  for (const member& each : with.of.node_links()) CHECK(each.state == member_state::leaving);
}

TEST_CASE("When one link went on the others look again, once", "[link][group]") {
  cluster_of_three with({1, 2, 3});
  with.after(with.coordinator);
  with.of.went_on(with.node_link(2), with.at.now);
  replicas woken;
  while (member* const each = with.of.next()) {
    woken.push_back(each->plan.replica);
    with.of.went_on(*each, with.at.now);
  }
  CHECK(woken == replicas{0, 3});
}

TEST_CASE("What a link changes meanwhile wakes the others again", "[link][group]") {
  cluster_of_three with({1, 2, 3});
  with.after(with.coordinator);
  with.of.went_on(with.node_link(2), with.at.now);
  replicas woken;
  while (member* const each = with.of.next()) {
    woken.push_back(each->plan.replica);
    if (each->plan.replica == 3) with.at.shared.topology_wanted = true;
    with.of.went_on(*each, with.at.now);
  }
  CHECK(woken == replicas{0, 3, 0, 2});
}

TEST_CASE("Links that undo each other's changes come to an end", "[link][group]") {
  cluster_of_three with({1, 2, 3});
  with.after(with.coordinator);
  with.of.went_on(with.coordinator, with.at.now);
  std::size_t woken = 0;
  while (member* const each = with.of.next()) {
    REQUIRE(++woken <= 3 * (link_group::changes_max + 1));
    with.at.shared.hold_sends = !with.at.shared.hold_sends;
    with.of.went_on(*each, with.at.now);
  }
  CHECK(woken > link_group::changes_max);
}

TEST_CASE("What links change during a stop wakes the others, whatever was before",
          "[link][group]") {
  cluster_of_three with({1, 2, 3});
  with.after(with.coordinator);
  with.at.offer(1);  // so that there is something to drain, and nobody to take it yet
  with.of.went_on(with.coordinator, with.at.now);
  while (member* const each = with.of.next()) {
    with.at.shared.hold_sends = !with.at.shared.hold_sends;
    with.of.went_on(*each, with.at.now);
  }
  with.of.stop(true, with.at.now);
  REQUIRE(with.of.next() == &with.coordinator);
  with.at.shared.hold_sends = !with.at.shared.hold_sends;
  with.of.went_on(with.node_link(2), with.at.now);
  CHECK(with.given() == replicas{2, 3, 0});
}

TEST_CASE("Told to stop, every link is told, and no other begins", "[link][group]") {
  cluster_of_three with({1, 2, 2});
  with.after(with.coordinator);
  with.of.stop(false, with.at.now);
  CHECK(with.given() == replicas{0, 2});
  CHECK(with.after(with.coordinator) == replicas{2});
  CHECK(with.of.node_links().size() == 1);
  CHECK_FALSE(with.of.has_ended());
  member& second = with.node_link(2);
  for (member* const each : {&with.coordinator, &second}) {
    each->machine.closed(with.at.now);
    CHECK(each->machine.task() == link_task::stop);
    with.of.ended(*each);
  }
  CHECK_FALSE(with.of.has_ended());
  with.of.remove_ended();
  CHECK(with.of.has_ended());
  with.of.stop(false, with.at.now);
  CHECK(with.given().empty());
}

TEST_CASE("A link that begins during a drain drains too", "[link][group]") {
  cluster_of_three with({1, 2, 2});
  with.at.offer(2);  // node 2 leads its partition
  with.of.stop(true, with.at.now);
  CHECK(with.given() == replicas{0});
  CHECK(with.after(with.coordinator) == replicas{2});
  vsr_line second(with.at, with.node_link(2).machine);
  second.connects(2);
  second.gets(code::bind, payload::opened(with.at.gen, with.node_link(2).plan.session));
  second.accept(second.expect_send());
  CHECK(second.state() == link_state::closing);
}

/// Asks about each pair of states up to `last`.
template <class State>
void only_these_follow(State last, const std::set<std::pair<State, State>>& allowed) {
  for (int from = 0; from <= static_cast<int>(last); ++from) {
    for (int to = 0; to <= static_cast<int>(last); ++to) {
      const std::pair way{static_cast<State>(from), static_cast<State>(to)};
      CAPTURE(from, to);
      CHECK(link::may_follow(way.first, way.second) == allowed.contains(way));
    }
  }
}

TEST_CASE("Members and links go from state to state in their order only", "[link][group]") {
  only_these_follow(member_state::ended, {
                                             {member_state::planned, member_state::running},
                                             {member_state::planned, member_state::leaving},
                                             {member_state::running, member_state::leaving},
                                             {member_state::running, member_state::ended},
                                             {member_state::leaving, member_state::ended},
                                         });
  only_these_follow(link_state::stopped, {
                                             {link_state::connecting, link_state::probing},
                                             {link_state::connecting, link_state::handshaking},
                                             {link_state::connecting, link_state::closing},
                                             {link_state::probing, link_state::closing},
                                             {link_state::handshaking, link_state::ready},
                                             {link_state::handshaking, link_state::closing},
                                             {link_state::ready, link_state::closing},
                                             {link_state::closing, link_state::connecting},
                                             {link_state::closing, link_state::backing_off},
                                             {link_state::closing, link_state::stopped},
                                             {link_state::backing_off, link_state::connecting},
                                             {link_state::backing_off, link_state::stopped},
                                         });
}

}  // namespace
}  // namespace vibes::test
