#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include "tests/broker/control_commands.hpp"
#include "tests/broker/server.hpp"
#include "tests/broker/vsr_visit.hpp"

// Several nodes that share their data, and the commands that move what leads.

namespace vibes::test {
namespace {

using boost::asio::ip::tcp;
using broker::obey;

const std::string ok = "ok";

struct cluster {
  explicit cluster(generation speaks, std::size_t nodes = 3)
      : of(loop, [&] {
          broker::broker_options options;
          options.speaks = speaks;
          options.nodes = nodes;
          return options;
        }()) {}

  std::string told(std::string_view command_line) { return obey(of, command_line); }

  boost::asio::io_context loop{1};
  broker::server of;
  vsr_line first{of.state(), of.behaviour(), 11, 0};
  vsr_line second{of.state(), of.behaviour(), 12, 1};
};

std::vector<std::uint8_t> roles_in(const frame_bytes& metadata, bool numbered) {
  const auto skip_text = [&](std::size_t& at) {
    at += 4 + broker::load<std::uint32_t>(metadata.data() + at);
  };
  std::size_t at = 0;
  skip_text(at);
  const auto nodes = broker::load<std::uint32_t>(metadata.data() + at);
  at += 4;
  std::vector<std::uint8_t> roles;
  for (std::uint32_t node = 0; node < nodes; ++node) {
    if (numbered) CHECK(broker::load<std::uint8_t>(metadata.data() + at++) == node);
    skip_text(at);
    skip_text(at);
    roles.push_back(broker::load<std::uint8_t>(metadata.data() + at + 8));
    at += 10;
  }
  CHECK(at == metadata.size());
  return roles;
}

using roles = std::vector<std::uint8_t>;

TEST_CASE("The metadata name all nodes, and who leads", "[vsr]") {
  for (const generation speaks : {generation::iggy_0_9, generation::iggy_0_10}) {
    cluster at(speaks);
    at.second.log_in();
    const auto seen = [&] {
      return roles_in(at.second.read(command::get_cluster_metadata).body(),
                      speaks == generation::iggy_0_10);
    };
    CHECK(seen() == roles{0, 1, 1});
    CHECK(at.told("lead 2") == ok);
    CHECK(seen() == roles{1, 1, 0});
  }
}

TEST_CASE("Metadata change on the leader only, and in 0.9 sends too", "[vsr]") {
  cluster at(generation::iggy_0_9);
  at.first.prepare(2);
  at.second.log_in();
  const frame_bytes sent = send_body(0, {{{1, "x"}}});
  CHECK(at.second.change(operation::create_stream, name("x")).status() == 58);
  CHECK(at.second.change(operation::send, sent).status() == 58);
  CHECK(at.second.read(command::get_streams).body().size() > 0);  // anyone may read
  at.told("lead 1");
  CHECK(at.first.change(operation::send, sent).status() == 58);
  CHECK(confirmed(at.second.change(operation::send, sent)) == 0);
  CHECK(at.second.change(operation::create_stream, name("x")).status() == 0);
}

TEST_CASE("Each partition of 0.10 has a primary, which moves", "[vsr]") {
  cluster at(generation::iggy_0_10);
  at.first.prepare(4);
  CHECK(at.second.bind(at.first).status() == 0);
  const auto send = [&](vsr_line& line, std::uint32_t partition) {
    asked what{operation::send};
    what.incarnation = line.incarnation_of(partition);
    return line.ask(what, send_body(partition, {{{1, "x"}}})).status();
  };
  CHECK(send(at.first, 0) == 0);
  CHECK(send(at.first, 1) == 89);
  CHECK(send(at.second, 1) == 0);
  CHECK(send(at.first, 3) == 0);  // 3 mod 3
  const auto route = [&] {
    return at.first.read(command::get_partition_route, joined({named("s"), named("t"), number(1U)}))
        .body();
  };
  const frame_bytes before = route();
  CHECK(at.told("lead-partition s t 1 0") == ok);
  CHECK(send(at.first, 1) == 0);
  CHECK(send(at.second, 1) == 89);
  const frame_bytes after = route();
  CHECK(broker::load<std::uint64_t>(after.data()) == broker::load<std::uint64_t>(before.data()));
  CHECK(broker::load<std::uint32_t>(after.data() + 16) == 1);  // the view
  CHECK(broker::load<std::uint8_t>(after.data() + 24) == 0);
}

TEST_CASE("A new incarnation makes old routes worthless", "[vsr]") {
  cluster at(generation::iggy_0_10);
  at.first.prepare(1);
  asked send{operation::send};
  send.incarnation = at.first.incarnation_of(0);
  CHECK(at.told("incarnate s t 0") == ok);
  CHECK(at.first.ask(send, send_body(0, {{{1, "x"}}})).status() == 87);
  send.incarnation = at.first.incarnation_of(0);
  CHECK(at.first.ask(send, send_body(0, {{{1, "x"}}})).status() == 0);
}

TEST_CASE("Sessions and producers are forgotten when told", "[vsr]") {
  cluster at(generation::iggy_0_10);
  at.first.prepare(1);
  asked send{operation::send};
  send.incarnation = at.first.incarnation_of(0);
  const auto produce = [&](std::uint32_t sequence) {
    batch made{{{1, "x"}}, 500, broker::producer_claim{7, 0, sequence}};
    return at.first.ask(send, send_body(0, made)).status();
  };
  CHECK(produce(0) == 0);
  CHECK(produce(1) == 0);
  CHECK(at.told("forget-producers") == ok);
  CHECK(produce(2) == 94);
  CHECK(at.told("forget-sessions") == ok);
  CHECK(at.second.bind(at.first).status() == 40);
  CHECK(at.first.change(operation::create_stream, name("x")).reason() == 1);
}

TEST_CASE("Cluster commands that say nothing sensible are told so", "[vsr][control]") {
  cluster at(generation::iggy_0_10);
  at.first.prepare(1);
  CHECK(at.told("lead") == "error: lead NODE");
  CHECK(at.told("lead 3") == "error: lead NODE");
  CHECK(at.told("vanish-node x") == "error: vanish-node NODE");
  CHECK(at.told("come-back-node 9") == "error: come-back-node NODE");
  CHECK(at.told("evict") == "error: evict REASON");
  CHECK(at.told("evict 256") == "error: evict REASON");
  CHECK(at.told("incarnate s t") == "error: incarnate STREAM TOPIC PARTITION");
  CHECK(at.told("incarnate s t 1") == "error: no such partition");
  CHECK(at.told("lead-partition s t 0") == "error: lead-partition STREAM TOPIC PARTITION NODE");
  CHECK(at.told("lead-partition s x 0 1") == "error: no such partition");
}

/// A client with a socket of its own; everything happens in `settle`, on this thread.
struct caller {
  caller(boost::asio::io_context& loop, std::uint16_t port) : socket(loop) {
    socket.connect({boost::asio::ip::address_v4::loopback(), port}, failure);
  }
  bool connected() const { return !failure; }

  boost::system::error_code failure;
  tcp::socket socket;
};

void settle(boost::asio::io_context& loop) {
  loop.restart();
  while (loop.poll() != 0) {
  }
}

frame_bytes hears(caller& at, boost::asio::io_context& loop, std::size_t size) {
  frame_bytes heard_bytes(size);
  settle(loop);
  boost::asio::read(at.socket, boost::asio::buffer(heard_bytes), at.failure);
  return heard_bytes;
}

TEST_CASE("A node vanishes and comes back alone, at its port", "[vsr]") {
  cluster at(generation::iggy_0_10);
  REQUIRE_FALSE(at.of.listen(0));
  const std::vector<std::uint16_t> ports = at.of.state().ports();
  CHECK(at.told("nodes") == "ok 127.0.0.1:" + std::to_string(ports[0]) +
                                " 127.0.0.1:" + std::to_string(ports[1]) +
                                " 127.0.0.1:" + std::to_string(ports[2]));
  caller kept(at.loop, ports[0]);
  caller lost(at.loop, ports[1]);
  settle(at.loop);
  CHECK(at.told("vanish-node 1") == ok);
  CHECK_FALSE(caller(at.loop, ports[1]).connected());
  CHECK(caller(at.loop, ports[2]).connected());
  hears(lost, at.loop, 1);
  CHECK(lost.failure);
  CHECK(at.told("come-back-node 1") == ok);
  CHECK(caller(at.loop, ports[1]).connected());
  vsr_line writer(at.of.state(), at.of.behaviour(), 5);
  const frame_bytes ping = writer.written({operation::read, command::ping});
  boost::asio::write(kept.socket, boost::asio::buffer(ping));
  CHECK(broker::load<std::uint8_t>(hears(kept, at.loop, 256).data() + 60) == 8);
}

TEST_CASE("An eviction reaches every connection, and takes the sessions", "[vsr]") {
  for (const int reason : {1, 13}) {
    cluster at(generation::iggy_0_10);
    REQUIRE_FALSE(at.of.listen(0));
    at.first.log_in();
    caller client(at.loop, at.of.port());
    settle(at.loop);
    CHECK(at.told("evict " + std::to_string(reason)) == ok);
    answered word;
    word.raw = hears(client, at.loop, 256);
    CHECK(word.reason() == reason);
    CHECK((at.of.state().vsr().find({11, 1}) == nullptr) == (reason == 1));
    // The line is as it was.
    const frame_bytes ping = at.first.written({operation::read, command::ping});
    boost::asio::write(client.socket, boost::asio::buffer(ping));
    CHECK(broker::load<std::uint8_t>(hears(client, at.loop, 256).data() + 60) == 8);
  }
}

}  // namespace
}  // namespace vibes::test
