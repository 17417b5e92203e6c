#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "tests/unit/link/vsr_world.hpp"

// Several nodes, of which one leads the topology: the link goes there.

namespace vibes::test {
namespace {

using numbered = std::vector<std::uint64_t>;

constexpr generation both[] = {generation::vsr_0_11, generation::vsr_0_12};

std::string two_nodes(generation gen, std::uint8_t leader) {
  return payload::nodes(gen, {{1, leader == 1}, {2, leader == 2}});
}

/// The handshake at a node, up to what it says of the cluster.
void is_told_of_leader(vsr_world& at, std::uint8_t node, std::uint8_t leader) {
  at.is_probed(node);
  at.home.connects(node);
  if (at.gen == generation::vsr_0_12 && at.shared.session) {
    at.home.gets(code::bind, payload::opened(at.gen, at.shared.session->id));
  } else {
    at.home.gets(code::login, payload::login(at.gen, at.session_id++));
  }
  at.home.gets(code::nodes, two_nodes(at.gen, leader));
}

void learns_topic(vsr_world& at, const std::vector<std::uint8_t>& leaders) {
  at.home.gets(code::get_stream, payload::stream(at.gen));
  const auto ids = partitions(static_cast<std::uint32_t>(leaders.size()));
  at.home.gets(code::get_topic, payload::topic(at.gen, ids));
  if (at.gen != generation::vsr_0_12) return;
  for (const protocol::partition_id id : ids) {
    at.home.gets(code::route, payload::route(id, leaders[id]));
  }
}

TEST_CASE("A node that does not lead sends the link to the one that does, which is probed too",
          "[link][vsr][cluster]") {
  for (const generation gen : both) {
    vsr_world at(gen);
    is_told_of_leader(at, 1, 2);
    CHECK(at.home.state() == link_state::closing);
    CHECK(at.home.link.take_news() == link_news::redirected);
    at.home.closes();
    CHECK(at.home.link.task() == link_task::connect);
    CHECK(at.home.link.report().address == "10.0.0.2:8090");
    CHECK(at.home.link.report().failed_attempts == 0);
    is_told_of_leader(at, 2, 2);
    learns_topic(at, {2, 2});
    CHECK(at.home.state() == link_state::ready);
    at.offer(0);
    at.home.accept(at.home.expect_send());
    CHECK(at.box.empty());
  }
}

TEST_CASE("A leader that cannot be reached leads back to the settings", "[link][vsr][cluster]") {
  vsr_world at(generation::vsr_0_11);
  is_told_of_leader(at, 1, 2);
  at.home.closes();
  at.home.fails(boost::system::errc::connection_refused);
  at.home.closes();
  CHECK(at.home.link.task() == link_task::sleep);
  at.wait();
  CHECK(at.home.link.report().address == "127.0.0.1:8090");
}

TEST_CASE("Nodes that send the link to each other are joined after three times",
          "[link][vsr][cluster]") {
  for (const generation gen : both) {
    vsr_world at(gen);
    std::uint8_t node = 1;
    for (int times = 0; times < 3; ++times) {
      const auto other = static_cast<std::uint8_t>(3 - node);
      is_told_of_leader(at, node, other);
      REQUIRE(at.home.state() == link_state::closing);
      at.home.closes();
      node = other;
    }
    is_told_of_leader(at, node, static_cast<std::uint8_t>(3 - node));
    learns_topic(at, {1, 2});
    CHECK(at.home.state() == link_state::ready);
  }
}

/// Ready at node 1 of two, all partitions led there; node 2 comes to lead the topology, which a
/// refused send makes the link ask for.
void learns_that_leader_moved(vsr_world& at, const vsr_send& refused) {
  at.home.answer_send(refused, 58);
  at.home.gets(code::nodes, two_nodes(at.gen, 2));
}

TEST_CASE("A leader that moved is followed when what is on its way is answered",
          "[link][vsr][cluster]") {
  for (const generation gen : both) {
    link::link_settings settings = vsr_settings();
    settings.heartbeat = 1s;
    settings.topology_refresh = 2s;
    vsr_world at(gen, settings);
    at.join_cluster({1, 2}, {1, 1});
    at.offer(0);
    at.offer(1);
    const vsr_send slow = at.home.expect_send();
    const vsr_send refused = at.home.expect_send();
    learns_that_leader_moved(at, refused);
    CHECK(at.home.state() == link_state::ready);
    at.offer(0);
    at.pass(3s);  // the timers for pings and refreshes go by: the link does not spin on them
    CHECK(at.home.silent());
    at.home.accept(slow);
    CHECK(at.fates.of_line(1) == "committed");
    CHECK(at.home.state() == link_state::closing);
    CHECK(at.home.link.take_news() == link_news::redirected);
    CHECK_FALSE(at.work.link_is_up());
    CHECK_FALSE(at.home.link.report().gen);
    at.home.closes();
    CHECK(at.home.link.report().address == "10.0.0.2:8090");
    is_told_of_leader(at, 2, 2);
    learns_topic(at, {2, 2});
    numbered sent;
    while (!at.box.empty()) {
      const vsr_send each = at.home.expect_send();
      for (const std::uint64_t line : lines(each)) sent.push_back(line);
      at.home.accept(each);
    }
    CHECK(sent == numbered{2, 3});
  }
}

TEST_CASE("A send that is never answered does not keep the link from the new leader",
          "[link][vsr][cluster]") {
  vsr_world at(generation::vsr_0_12);
  at.join_cluster({1, 2}, {1, 1});
  at.offer(0);
  at.offer(1);
  at.home.expect_send();
  learns_that_leader_moved(at, at.home.expect_send());
  at.pass(10s);
  CHECK(at.home.state() == link_state::closing);
  CHECK(at.home.link.report().last_error == make_error_code(boost::system::errc::timed_out));
}

TEST_CASE("A leader that moves now and then is followed each time", "[link][vsr][cluster]") {
  link::link_settings settings = vsr_settings();
  settings.topology_refresh = 30s;
  vsr_world at(generation::vsr_0_11, settings);
  at.join_cluster({1, 2}, {1, 1});
  std::uint8_t node = 1;
  for (int month = 0; month < 8; ++month) {  // without a single event in between
    CAPTURE(month);
    at.pass(30s);
    const auto other = static_cast<std::uint8_t>(3 - node);
    at.home.gets(code::nodes, two_nodes(at.gen, other));
    REQUIRE(at.home.state() == link_state::closing);
    at.home.closes();
    is_told_of_leader(at, other, other);
    learns_topic(at, {1, 1});
    node = other;
  }
}

TEST_CASE("Two nodes that each name the other are not tried in a circle", "[link][vsr][cluster]") {
  vsr_world at(generation::vsr_0_12);
  at.offer(0);
  std::uint8_t node = 1;
  std::size_t connections = 0;
  const time_point begin = at.now;
  while (at.now < begin + 60s && connections < 200) {
    const auto other = static_cast<std::uint8_t>(3 - node);
    if (at.home.link.task() == link_task::close) at.home.closes();
    if (at.home.link.task() == link_task::connect) {
      ++connections;
      node = at.home.link.report().address == "10.0.0.2:8090" ? 2 : 1;
      at.home.connects(node);
    }
    const auto request = at.home.next();
    if (!request) {
      at.wait();
    } else if (is_probe(*request)) {
      at.home.answer(vsr_eviction(14, 0x3000, 0x3000));
    } else if (request->code == code::login) {
      at.home.answer(vsr_reply(*request, payload::login(at.gen, 900)));
    } else if (request->code == code::bind) {
      at.home.answer(vsr_reply(*request, payload::opened(at.gen, 900)));
    } else if (request->code == code::nodes) {
      at.home.answer(vsr_reply(*request, two_nodes(at.gen, other)));
    } else if (request->code == code::get_stream) {
      at.home.answer(vsr_reply(*request, payload::stream(at.gen)));
    } else if (request->code == code::get_topic) {
      at.home.answer(vsr_reply(*request, payload::topic(at.gen, {0})));
    } else if (request->code == code::route) {
      at.home.answer(vsr_reply(*request, payload::route(0, node)));
    } else {
      at.home.answer(vsr_reply(*request, {}, 58));
    }
  }
  CHECK(connections <
        200);  // in rounds of four nodes and their probes, with growing pauses between
}

TEST_CASE("Joined where nobody leads, the link sends for the node that it is at",
          "[link][vsr][cluster]") {
  vsr_world at(generation::vsr_0_12);
  for (const std::uint8_t node : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{1}}) {
    is_told_of_leader(at, node, static_cast<std::uint8_t>(3 - node));
    at.home.closes();
  }
  is_told_of_leader(at, 2, 1);
  learns_topic(at, {1, 2});
  CHECK(at.shared.home_replica == 2);
  at.offer(0);
  CHECK(at.home.silent());
  at.offer(1);
  CHECK(at.home.expect_send().partition == 1);
  CHECK(at.branch(1).expect_send().partition == 0);
}

}  // namespace
}  // namespace vibes::test
