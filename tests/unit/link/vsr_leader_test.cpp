#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "tests/unit/link/vsr_simulation.hpp"

// Several nodes, of which one leads the topology: the link goes there.

namespace vibes::test {
namespace {

using numbered = std::vector<std::uint64_t>;

constexpr generation both[] = {generation::iggy_0_9, generation::iggy_0_10};

std::string two_nodes(generation gen, std::uint8_t leader) {
  return payload::nodes(gen, {{1, leader == 1}, {2, leader == 2}});
}

/// The handshake at a node, up to what it says of the cluster.
void is_told_of_leader(vsr_simulation& at, std::uint8_t node, std::uint8_t leader) {
  at.is_probed(node);
  at.coordinator.connects(node);
  if (at.gen == generation::iggy_0_10 && at.shared.session) {
    at.coordinator.gets(code::bind, payload::opened(at.gen, at.shared.session->id));
  } else {
    at.coordinator.gets(code::login, payload::login(at.gen, at.session_id++));
  }
  at.coordinator.gets(code::nodes, two_nodes(at.gen, leader));
}

void learns_topic(vsr_simulation& at, const std::vector<std::uint8_t>& leaders) {
  at.coordinator.gets(code::get_stream, payload::stream(at.gen));
  const auto ids = partitions(static_cast<std::uint32_t>(leaders.size()));
  at.coordinator.gets(code::get_topic, payload::topic(at.gen, ids));
  if (at.gen != generation::iggy_0_10) return;
  for (const protocol::partition_id id : ids) {
    at.coordinator.gets(code::route, payload::route(id, leaders[id]));
  }
}

TEST_CASE("A node that does not lead sends the link to the one that does, which is probed too",
          "[link][vsr][cluster]") {
  for (const generation gen : both) {
    vsr_simulation at(gen);
    is_told_of_leader(at, 1, 2);
    CHECK(at.coordinator.state() == link_state::closing);
    CHECK(at.coordinator.link.take_event() == link_event::redirected);
    at.coordinator.closes();
    CHECK(at.coordinator.link.task() == link_task::connect);
    CHECK(at.coordinator.link.report().address == "10.0.0.2:8090");
    CHECK(at.coordinator.link.report().failed_attempts == 0);
    is_told_of_leader(at, 2, 2);
    learns_topic(at, {2, 2});
    CHECK(at.coordinator.state() == link_state::ready);
    at.offer(0);
    at.coordinator.accept(at.coordinator.expect_send());
    CHECK(at.box.empty());
  }
}

TEST_CASE("A leader that cannot be reached leads back to the settings", "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_9);
  is_told_of_leader(at, 1, 2);
  at.coordinator.closes();
  at.coordinator.fails(boost::system::errc::connection_refused);
  at.coordinator.closes();
  CHECK(at.coordinator.link.task() == link_task::sleep);
  at.wait();
  CHECK(at.coordinator.link.report().address == "127.0.0.1:8090");
}

TEST_CASE("Nodes that send the link to each other are joined after three times",
          "[link][vsr][cluster]") {
  for (const generation gen : both) {
    vsr_simulation at(gen);
    std::uint8_t node = 1;
    for (int times = 0; times < 3; ++times) {
      const auto other = static_cast<std::uint8_t>(3 - node);
      is_told_of_leader(at, node, other);
      REQUIRE(at.coordinator.state() == link_state::closing);
      at.coordinator.closes();
      node = other;
    }
    is_told_of_leader(at, node, static_cast<std::uint8_t>(3 - node));
    learns_topic(at, {1, 2});
    CHECK(at.coordinator.state() == link_state::ready);
  }
}

TEST_CASE("A node that the link stays at and that refuses what only a leader does is left again",
          "[link][vsr][cluster]") {
  for (const generation gen : both) {
    vsr_simulation at(gen);
    for (int times = 0; times < 3; ++times) {
      is_told_of_leader(at, 1, 2);
      at.coordinator.closes();
      at.coordinator.fails(boost::system::errc::connection_refused);
      at.coordinator.closes();
      at.wait();
    }
    is_told_of_leader(at, 1, 2);
    at.coordinator.gets(code::get_stream, payload::stream(gen));
    at.coordinator.gets(code::get_topic);
    at.coordinator.gets(code::create_topic, {}, 58);
    at.coordinator.closes();
    at.wait();
    is_told_of_leader(at, 1, 2);
    at.coordinator.closes();
    CHECK(at.coordinator.link.report().address == "10.0.0.2:8090");
  }
}

/// Ready at node 1 of two, all partitions led there; node 2 comes to lead the topology, which a
/// refused send makes the link ask for.
void learns_that_leader_moved(vsr_simulation& at, const vsr_send& refused) {
  at.coordinator.answer_send(refused, 58);
  at.coordinator.gets(code::nodes, two_nodes(at.gen, 2));
}

TEST_CASE("A leader that moved is followed when what is on its way is answered",
          "[link][vsr][cluster]") {
  for (const generation gen : both) {
    link::link_settings settings = vsr_settings();
    settings.heartbeat = 1s;
    settings.topology_refresh = 2s;
    vsr_simulation at(gen, settings);
    at.join_cluster({1, 2}, {1, 1});
    at.offer(0);
    at.offer(1);
    const vsr_send slow = at.coordinator.expect_send();
    const vsr_send refused = at.coordinator.expect_send();
    learns_that_leader_moved(at, refused);
    CHECK(at.coordinator.state() == link_state::ready);
    at.offer(0);
    at.pass(3s);  // the timers for pings and refreshes go by: the link does not spin on them
    CHECK(at.coordinator.silent());
    at.coordinator.accept(slow);
    CHECK(at.reports.of_line(1) == "committed");
    CHECK(at.coordinator.state() == link_state::closing);
    CHECK(at.coordinator.link.take_event() == link_event::redirected);
    CHECK_FALSE(at.work.link_is_up());
    CHECK_FALSE(at.coordinator.link.report().gen);
    at.coordinator.closes();
    CHECK(at.coordinator.link.report().address == "10.0.0.2:8090");
    is_told_of_leader(at, 2, 2);
    learns_topic(at, {2, 2});
    numbered sent;
    while (!at.box.empty()) {
      const vsr_send each = at.coordinator.expect_send();
      for (const std::uint64_t line : lines(each)) sent.push_back(line);
      at.coordinator.accept(each);
    }
    CHECK(sent == numbered{2, 3});
  }
}

TEST_CASE("A send that is never answered does not keep the link from the new leader",
          "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_10);
  at.join_cluster({1, 2}, {1, 1});
  at.offer(0);
  at.offer(1);
  at.coordinator.expect_send();
  learns_that_leader_moved(at, at.coordinator.expect_send());
  at.pass(10s);
  CHECK(at.coordinator.state() == link_state::closing);
  CHECK(at.coordinator.link.report().last_error == make_error_code(boost::system::errc::timed_out));
}

TEST_CASE("A leader that moves now and then is followed each time", "[link][vsr][cluster]") {
  link::link_settings settings = vsr_settings();
  settings.topology_refresh = 30s;
  vsr_simulation at(generation::iggy_0_9, settings);
  at.join_cluster({1, 2}, {1, 1});
  std::uint8_t node = 1;
  for (int month = 0; month < 8; ++month) {  // without a single event in between
    CAPTURE(month);
    at.pass(30s);
    const auto other = static_cast<std::uint8_t>(3 - node);
    at.coordinator.gets(code::nodes, two_nodes(at.gen, other));
    REQUIRE(at.coordinator.state() == link_state::closing);
    at.coordinator.closes();
    is_told_of_leader(at, other, other);
    learns_topic(at, {1, 1});
    node = other;
  }
}

TEST_CASE("Two nodes that each name the other are not tried in a circle", "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_10);
  at.offer(0);
  std::uint8_t node = 1;
  std::size_t connections = 0;
  const time_point begin = at.now;
  while (at.now < begin + 60s && connections < 200) {
    const auto other = static_cast<std::uint8_t>(3 - node);
    if (at.coordinator.link.task() == link_task::close) at.coordinator.closes();
    if (at.coordinator.link.task() == link_task::connect) {
      ++connections;
      node = at.coordinator.link.report().address == "10.0.0.2:8090" ? 2 : 1;
      at.coordinator.connects(node);
    }
    const auto request = at.coordinator.next();
    if (!request) {
      at.wait();
    } else if (is_probe(*request)) {
      at.coordinator.answer(vsr_eviction(14, 0x3000, 0x3000));
    } else if (request->code == code::login) {
      at.coordinator.answer(vsr_reply(*request, payload::login(at.gen, 900)));
    } else if (request->code == code::bind) {
      at.coordinator.answer(vsr_reply(*request, payload::opened(at.gen, 900)));
    } else if (request->code == code::nodes) {
      at.coordinator.answer(vsr_reply(*request, two_nodes(at.gen, other)));
    } else if (request->code == code::get_stream) {
      at.coordinator.answer(vsr_reply(*request, payload::stream(at.gen)));
    } else if (request->code == code::get_topic) {
      at.coordinator.answer(vsr_reply(*request, payload::topic(at.gen, {0})));
    } else if (request->code == code::route) {
      at.coordinator.answer(vsr_reply(*request, payload::route(0, node)));
    } else {
      at.coordinator.answer(vsr_reply(*request, {}, 58));
    }
  }
  CHECK(connections <
        200);  // in rounds of four nodes and their probes, with growing pauses between
}

TEST_CASE("Joined where nobody leads, the link sends for the node that it is at",
          "[link][vsr][cluster]") {
  vsr_simulation at(generation::iggy_0_10);
  for (const std::uint8_t node : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{1}}) {
    is_told_of_leader(at, node, static_cast<std::uint8_t>(3 - node));
    at.coordinator.closes();
  }
  is_told_of_leader(at, 2, 1);
  learns_topic(at, {1, 2});
  CHECK(at.shared.coordinator_replica == 2);
  at.offer(0);
  CHECK(at.coordinator.silent());
  at.offer(1);
  CHECK(at.coordinator.expect_send().partition == 1);
  CHECK(at.node_link(1).expect_send().partition == 0);
}

}  // namespace
}  // namespace vibes::test
