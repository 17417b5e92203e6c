#include "daemon/link/planned_links.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using link::link_state;
using link::planned_link;

/// Nodes 1, 2 and 3, the coordinator link at node 1, and who leads each lane.
link::link_shared cluster(std::vector<std::uint8_t> leaders) {
  link::link_shared shared(1);
  shared.session = std::make_shared<protocol::session>();
  shared.session->id = 900;
  for (const std::uint8_t id : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
    protocol::cluster_node node;
    node.replica_id = id;
    node.ip = "10.0.0." + std::to_string(id);
    node.tcp_port = 8090;
    shared.places.nodes.push_back(node);
  }
  shared.coordinator_replica = 1;
  shared.leaders = std::move(leaders);
  return shared;
}

link::link_report coordinator_that_is(link_state state) {
  link::link_report report;
  report.state = state;
  return report;
}

TEST_CASE("Each further node that leads a partition is wished for, once", "[branches]") {
  const planned_link second{2, "10.0.0.2:8090", 900};
  const planned_link third{3, "10.0.0.3:8090", 900};
  struct {
    const char* name;
    std::vector<std::uint8_t> leaders;
    std::vector<planned_link> expected;
  } const cases[] = {
      {"the home node leads all", {1, 1, 1}, {}},
      {"nobody has said who leads", {}, {}},
      {"one other", {1, 2, 1}, {second}},
      {"one other, often", {2, 2, 2}, {second}},
      {"two others, in the order of their numbers", {3, 1, 2, 3}, {second, third}},
      {"a node that the cluster does not list", {9, 2}, {second}},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    CHECK(planned_links(coordinator_that_is(link_state::ready), cluster(each.leaders)) ==
          each.expected);
  }
}

TEST_CASE("Nobody is wished for while the home link is not ready", "[branches]") {
  for (const link_state state :
       {link_state::connecting, link_state::probing, link_state::handshaking, link_state::closing,
        link_state::backing_off, link_state::stopped}) {
    CAPTURE(to_string(state));
    CHECK(planned_links(coordinator_that_is(state), cluster({2, 3})).empty());
  }
}

TEST_CASE("Without a session there is nothing to branch from", "[branches]") {
  link::link_shared shared = cluster({2, 3});
  shared.session.reset();
  CHECK(planned_links(coordinator_that_is(link_state::ready), shared).empty());
}

TEST_CASE("A wish changes with the session and with the address", "[branches]") {
  link::link_shared shared = cluster({2});
  const auto coordinator = coordinator_that_is(link_state::ready);
  const planned_link before = planned_links(coordinator, shared).front();
  shared.session->id = 901;
  CHECK(planned_links(coordinator, shared).front() != before);
  shared.session->id = 900;
  CHECK(planned_links(coordinator, shared).front() == before);
  shared.places.nodes[1].ip = "fd00::2";
  CHECK(planned_links(coordinator, shared).front().address == "[fd00::2]:8090");
}

}  // namespace
}  // namespace vibes::test
