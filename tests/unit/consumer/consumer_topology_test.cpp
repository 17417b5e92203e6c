#include "protocol/partitioning.hpp"
#include "tests/broker/control_commands.hpp"
#include "tests/unit/consumer/consumer_support.hpp"

// A topic that changes under its readers.

namespace vibes::test {
namespace {

/// A reader that looks at the topology whenever it polls.
consumer::client_settings watchful(const iggy_simulation& simulation, std::uint32_t partitions) {
  consumer::client_settings made = simulation.settings(partitions);
  made.topology_refresh = 0s;
  return made;
}

void tell(iggy_simulation& simulation, const std::string& command) {
  simulation.on_server([&](broker::server& server) {
    REQUIRE(broker::obey(server, command) == "ok");
    return 0;
  });
}

void grow(iggy_simulation& simulation, std::uint32_t to) {
  tell(simulation, "set-partitions vibes events " + std::to_string(to));
}

struct watchful_reader {
  iggy_simulation simulation;
  consumer::iggy_client client;

  explicit watchful_reader(broker::generation speaks = broker::generation::iggy_0_8)
      : simulation(speaks), client(watchful(simulation, 2)) {
    REQUIRE(client.connect() == error_code());
  }
  void put(protocol::partition_id partition, const std::string& text) {
    simulation.send(partition, {text});
  }
};

TEST_CASE("Partitions that come are read from their beginning, and told", "[consumer]") {
  watchful_reader at;
  at.put(1, "before");
  consumer::consumer reader(at.client, {"r"});
  REQUIRE(reader.seek_to_end() == error_code());
  grow(at.simulation, 4);
  at.put(3, "in a new one");
  at.put(1, "behind the end");
  CHECK(read_now(reader) == texts{"1/1 behind the end", "3/0 in a new one"});
  const auto told = reader.take_notices();
  REQUIRE(told.size() == 1);
  CHECK(told[0].partitions_new == 2);
  CHECK(told[0].partitions_gone == 0);
  CHECK(reader.take_notices().empty());
  CHECK(reader.commit() == error_code());
  CHECK(committed_by(reader) == texts{"0:-", "1:1", "2:-", "3:0"});
}

TEST_CASE("Partitions that somebody has named are read and no others", "[consumer]") {
  watchful_reader at;
  consumer::consumer reader(at.client, {"r", {1}});
  grow(at.simulation, 3);
  at.put(2, "another's");
  at.put(1, "ours");
  CHECK(read_now(reader) == texts{"1/0 ours"});
  CHECK(reader.take_notices().empty());
}

TEST_CASE("A session is followed into the partition that it goes to now", "[consumer]") {
  watchful_reader at;
  const protocol::generation gen = at.client.server().gen;
  protocol::session_hash session = 0;
  while (protocol::partition_index(session, 2, gen) != 1 ||
         protocol::partition_index(session, 3, gen) != 2) {
    ++session;
  }
  consumer::consumer reader(at.client, {"r", {}, session});
  at.put(0, "another's");
  at.put(1, "before");
  CHECK(read_now(reader) == texts{"1/0 before"});
  grow(at.simulation, 3);
  at.put(2, "behind");
  at.put(1, "sent again");
  CHECK(read_now(reader) == texts{"1/1 sent again", "2/0 behind"});
}

TEST_CASE("What was read is not committed to a partition that ends before it", "[consumer]") {
  watchful_reader at;
  for (const char* const each : {"a", "b", "c"}) at.put(1, each);
  consumer::consumer reader(at.client, {"r"});
  CHECK(read_now(reader) == texts{"1/0 a", "1/1 b", "1/2 c"});
  at.simulation.on_server([](broker::server& server) {
    broker::topic* const topic = server.state().data().find("vibes", "events");
    topic->partitions.clear();
    topic->add_partitions(2, 0);
    return 0;
  });
  CHECK(read_now(reader).empty());
  CHECK(reader.commit() == error_code());
  CHECK(at.simulation.requests(broker::command::store_consumer_offset) == 0);
  CHECK(committed_by(reader) == texts{"0:-", "1:-"});
  CHECK(reader.take_notices().empty());  // it has patience yet
}

/// In a cluster of two nodes of 0.10 something moves between two polls: the reader connects anew,
/// once, and reads on.
void check_move(const std::string& move, duration topology_refresh) {
  iggy_simulation simulation(broker::generation::iggy_0_10, 2);
  consumer::client_settings settings = simulation.settings(2);
  settings.topology_refresh = topology_refresh;
  consumer::iggy_client client(settings);
  REQUIRE(client.connect() == error_code());
  consumer::consumer reader(client, {"r"});
  CHECK(read_now(reader) == texts{});
  const std::uint64_t connections = client.connections();
  tell(simulation, move);
  for (int poll = 0; poll < 2; ++poll) {
    CHECK(read_now(reader) == texts{});
    CHECK(client.connections() == connections + 1);
  }
}

TEST_CASE("A partition of 0.10 that becomes another one between two polls is read on",
          "[consumer]") {
  check_move("incarnate vibes events 1", 1h);
}

// The node that led it still answers polls: the routes alone tell.
TEST_CASE("A partition of 0.10 that another node comes to lead is read there", "[consumer]") {
  check_move("lead-partition vibes events 1 0", 0s);
}

TEST_CASE("A leader that moves is followed by a reader that hears of it from the topology alone",
          "[consumer]") {
  for (const auto speaks : {broker::generation::iggy_0_9, broker::generation::iggy_0_10}) {
    iggy_simulation simulation(speaks, 2);
    consumer::iggy_client client(watchful(simulation, 2));
    REQUIRE(client.connect() == error_code());
    consumer::consumer reader(client, {"r"});
    CHECK(read_now(reader) == texts{});
    const std::string before = client.last_address();
    tell(simulation, "lead 1");
    CHECK(read_now(reader) == texts{});
    CHECK(client.last_address() != before);
  }
}

}  // namespace
}  // namespace vibes::test
