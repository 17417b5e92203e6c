#include "protocol/topology.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using namespace protocol;
using leader_is = topology::leader_is;

cluster_node node(std::uint8_t id, const std::string& ip, bool leads, std::uint8_t status = 0) {
  return {id, "node", ip, 8090, leads, status};
}

topology cluster(std::vector<cluster_node> nodes) {
  return {std::move(nodes), {}};
}

partition_route route_to(std::uint8_t replica) {
  return {{1, 2}, 3, 4, replica};
}

topic_details topic_of(const std::vector<partition_id>& ids) {
  topic_details topic;
  for (const partition_id id : ids) {
    topic.partitions.push_back({.id = id, .context = {100 + id, 200 + id}});
  }
  return topic;
}

TEST_CASE("Who leads is found from where one is connected", "[topology]") {
  const topology pair = cluster({node(4, "10.0.0.1", false), node(2, "10.0.0.2", true)});
  struct {
    const char* name;
    topology::address connected;
    leader_is expected;
  } const cases[] = {
      {"at the leader", {"iggy-2", "10.0.0.2", 8090}, leader_is::here},
      {"at the other", {"iggy-1", "10.0.0.1", 8090}, leader_is::elsewhere},
      {"the leader's name is an address in the settings",
       {"10.0.0.2", "127.0.0.1", 8090},
       leader_is::here},
      {"another port of the same machine", {"iggy-2", "10.0.0.2", 8091}, leader_is::elsewhere},
      {"nobody knows where", {}, leader_is::elsewhere},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    CHECK(pair.leader_from(each.connected) == each.expected);
  }
}

TEST_CASE("The node that one is at is the leader, or who has that address", "[topology]") {
  const topology pair = cluster({node(4, "10.0.0.1", false), node(2, "10.0.0.2", true)});
  const auto id_of = [&](const topology::address& connected) {
    const cluster_node* const found = pair.here(connected);
    return found == nullptr ? -1 : int{found->replica_id};
  };
  CHECK(id_of({"", "10.0.0.1", 8090}) == 4);
  CHECK(id_of({"", "10.0.0.2", 8090}) == 2);
  CHECK(id_of({"10.0.0.1", "127.0.0.1", 8090}) == 4);
  CHECK(id_of({"", "10.0.0.3", 8090}) == -1);
  const topology twins = cluster({node(4, "127.0.0.1", false), node(2, "127.0.0.1", true)});
  CHECK(twins.here({"", "127.0.0.1", 8090})->replica_id == 2);
}

TEST_CASE("A server alone is never a reason to connect elsewhere", "[topology]") {
  const topology::address here{"iggy", "10.0.0.1", 8090};
  CHECK(cluster({}).leader_from(here) == leader_is::here);
  CHECK(cluster({node(0, "0.0.0.0", true)}).leader_from(here) == leader_is::here);
  CHECK(cluster({node(0, "0.0.0.0", false)}).leader_from(here) == leader_is::here);
  CHECK(cluster({node(0, "172.16.0.9", true, 3)}).leader_from(here) == leader_is::here);
}

TEST_CASE("A leader that is not well does not lead", "[topology]") {
  const topology::address at_first{"", "10.0.0.1", 8090};
  const topology sick = cluster({node(1, "10.0.0.1", false), node(2, "10.0.0.2", true, 1)});
  CHECK(sick.leader_from(at_first) == leader_is::unknown);
  CHECK(sick.leader() == nullptr);
  const topology nobody = cluster({node(1, "10.0.0.1", false), node(2, "10.0.0.2", false)});
  CHECK(nobody.leader_from(at_first) == leader_is::unknown);
  const topology changing = cluster({node(1, "10.0.0.1", true, 2), node(2, "10.0.0.2", true)});
  CHECK(changing.leader_from(at_first) == leader_is::elsewhere);
  REQUIRE(changing.leader() != nullptr);
  CHECK(changing.leader()->replica_id == 2);
}

TEST_CASE("Only 0.10 with several nodes has a leader for each partition", "[topology]") {
  const topology one = cluster({node(0, "10.0.0.1", true)});
  const topology two = cluster({node(0, "10.0.0.1", true), node(1, "10.0.0.2", false)});
  CHECK(two.led_by_partition(generation::iggy_0_10));
  CHECK_FALSE(one.led_by_partition(generation::iggy_0_10));
  CHECK_FALSE(two.led_by_partition(generation::iggy_0_9));
  CHECK_FALSE(two.led_by_partition(generation::iggy_0_7));
}

TEST_CASE("Routes are asked for one after another until each partition has one", "[topology]") {
  topology places;
  CHECK(places.next_unrouted() == nullptr);
  places.take(topic_of({3, 5, 9}));
  CHECK(places.partition_ids() == std::vector<partition_id>{3, 5, 9});
  for (const partition_id id : {3U, 5U, 9U}) {
    REQUIRE(places.next_unrouted() != nullptr);
    CHECK(places.next_unrouted()->id == id);
    places.take(id, {{id, 7}, 8, 3, 2});
  }
  CHECK(places.next_unrouted() == nullptr);
  REQUIRE(places.find(5) != nullptr);
  CHECK(places.find(5)->context == partition_context{5, 7});
  CHECK(places.find(5)->primary_replica == 2);
  CHECK(places.find(5)->view == 8);
}

TEST_CASE("A route in any order finds its partition, and one to nobody is dropped", "[topology]") {
  topology places;
  places.take(topic_of({3, 5, 9}));
  places.take(9, route_to(1));
  CHECK(places.next_unrouted()->id == 3);
  for (const partition_id unknown : {0U, 4U, 10U}) places.take(unknown, route_to(1));
  CHECK(places.partitions.size() == 3);
  places.take(3, route_to(1));
  CHECK(places.next_unrouted()->id == 5);
}

TEST_CASE("What a topic tells replaces what was known of its partitions", "[topology]") {
  topology places;
  places.take(topic_of({0, 1}));
  places.take(0, route_to(1));
  places.take(topic_of({0, 2}));
  CHECK(places.partition_ids() == std::vector<partition_id>{0, 2});
  CHECK(places.find(0)->context == partition_context{100, 200});
  CHECK_FALSE(places.find(0)->routed);
  CHECK(places.find(1) == nullptr);
  CHECK(places.find(3) == nullptr);
}

TEST_CASE("Nodes are found by their number, not by their place in the list", "[topology]") {
  const topology pair = cluster({node(4, "10.0.0.1", false), node(2, "10.0.0.2", true)});
  REQUIRE(pair.node(4) != nullptr);
  CHECK(pair.node(4)->address() == "10.0.0.1:8090");
  CHECK(pair.node(2)->address() == "10.0.0.2:8090");
  CHECK(pair.node(0) == nullptr);
}

}  // namespace
}  // namespace vibes::test
