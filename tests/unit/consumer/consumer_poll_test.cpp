#include "protocol/partitioning.hpp"

#include <algorithm>

#include "tests/unit/consumer/consumer_support.hpp"

namespace vibes::test {
namespace {

constexpr auto polls = broker::command::poll_messages;

TEST_CASE("A reader gets all partitions' messages, in order within each", "[consumer]") {
  for (const auto speaks :
       {broker::generation::iggy_0_6, broker::generation::iggy_0_7, broker::generation::iggy_0_8}) {
    CAPTURE(static_cast<int>(speaks));
    reader_simulation at(speaks);
    at.fill(2, 2);
    at.fill(0, 3);
    consumer::consumer reader = at.named("r");
    CHECK(read_now(reader) == texts{"0/0 0:0", "0/1 0:1", "0/2 0:2", "2/0 2:0", "2/1 2:1"});
    CHECK(read_now(reader) == texts{});
    at.fill(1, 1);
    CHECK(read_now(reader) == texts{"1/0 1:0"});
  }
}

TEST_CASE("A record is what was sent, and what the server made of it", "[consumer]") {
  reader_simulation at;
  const std::string bytes("\0\xff\n{}", 5);
  at.simulation.send(1, {"", bytes});
  consumer::consumer reader = at.named("r");
  const auto polled = reader.poll(10, 0s);
  REQUIRE(polled.has_value());
  REQUIRE(polled->size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const consumer::record& each = (*polled)[i];
    CHECK(each.partition == 1);
    CHECK(each.offset == i);
    CHECK(each.id == protocol::message_id{0, i + 1});
    CHECK(each.origin_time_us == 1'001 + i);
    CHECK(each.timestamp_us == 1);
  }
  CHECK((*polled)[0].payload.empty());
  CHECK((*polled)[1].payload == bytes);
}

TEST_CASE("No more is handed out than asked for, and the partitions take turns", "[consumer]") {
  reader_simulation at;
  at.fill(0, 5);
  at.fill(1, 5);
  consumer::consumer reader = at.named("r");
  CHECK(read_now(reader, 3) == texts{"0/0 0:0", "0/1 0:1", "0/2 0:2"});
  CHECK(read_now(reader, 3) == texts{"1/0 1:0", "1/1 1:1", "1/2 1:2"});
  CHECK(read_now(reader, 3) == texts{"0/3 0:3", "0/4 0:4", "1/3 1:3"});
  CHECK(read_now(reader, 3) == texts{"1/4 1:4"});
  CHECK(read_now(reader, 3) == texts{});
}

TEST_CASE("More messages than one poll carries come with further ones", "[consumer]") {
  reader_simulation at;
  at.fill(0, 2'500);
  consumer::consumer reader = at.named("r", {0});
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 4; ++i) sizes.push_back(read_now(reader, 10'000).size());
  CHECK(sizes == std::vector<std::size_t>{1'000, 1'000, 500, 0});
}

TEST_CASE("Without a timeout each partition is asked once", "[consumer]") {
  reader_simulation at;
  consumer::consumer reader = at.named("r");
  CHECK(read_now(reader) == texts{});
  CHECK(at.simulation.requests(polls) == 3);
}

TEST_CASE("A reader waits for the first message until the timeout", "[consumer]") {
  reader_simulation at;
  consumer::consumer reader = at.named("r");
  CHECK(texts_of(reader.poll(10, 5ms)) == texts{});
  // Stored once the reader has come around twice: it does wait.
  const std::uint64_t before = at.simulation.requests(polls);
  std::function<void(broker::server&)> store_later = [&](broker::server& server) {
    if (server.state().counters().requests[polls] < before + 6) {
      at.simulation.soon_on_server(store_later);
    } else {
      store(server, 1, {"late"});
    }
  };
  at.simulation.soon_on_server(store_later);
  CHECK(texts_of(reader.poll(10, 1h)) == texts{"1/0 late"});
}

TEST_CASE("A reader of some partitions sees no others", "[consumer]") {
  reader_simulation at;
  for (const protocol::partition_id each : {0U, 1U, 2U}) at.fill(each, 1);
  consumer::consumer reader = at.named("r", {2, 0});
  CHECK(read_now(reader) == texts{"2/0 2:0", "0/0 0:0"});
}

TEST_CASE("What has come is handed out before an error is told", "[consumer]") {
  reader_simulation at;
  at.fill(0, 2);
  consumer::consumer reader = at.named("r", {0, 99});
  CHECK(read_now(reader) == texts{"0/0 0:0", "0/1 0:1"});
  CHECK(read_now(reader) == texts{"error: partition not found (3007)"});
}

TEST_CASE("A reader goes on where it was after its connection was lost", "[consumer]") {
  reader_simulation at;
  at.fill(0, 2);
  at.fill(1, 2);
  consumer::consumer reader = at.named("r");
  CHECK(read_now(reader, 3) == texts{"0/0 0:0", "0/1 0:1", "1/0 1:0"});
  at.simulation.vanish();
  CHECK(reader.poll(10, 0s).has_error());
  CHECK(!at.client.connected());
  at.simulation.come_back();
  REQUIRE(at.client.connect() == error_code());
  CHECK(read_now(reader) == texts{"1/1 1:1"});
}

}  // namespace
}  // namespace vibes::test
