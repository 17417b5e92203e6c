#include "tests/unit/consumer/consumer_support.hpp"

namespace vibes::test {
namespace {

using protocol::iggy_errc;

TEST_CASE("Nothing is committed that was not asked for", "[consumer]") {
  reader_simulation at;
  at.fill(0, 3);
  consumer::consumer reader = at.named("r");
  CHECK(committed_by(reader) == texts{"0:-", "1:-", "2:-"});
  CHECK(read_now(reader).size() == 3);
  REQUIRE(reader.seek_to_end() == error_code());
  CHECK(committed_by(reader) == texts{"0:-", "1:-", "2:-"});
  CHECK(at.simulation.requests(broker::command::store_consumer_offset) == 0);
}

TEST_CASE("A commit stores the last message handed out of each partition", "[consumer]") {
  for (const auto speaks :
       {broker::generation::iggy_0_6, broker::generation::iggy_0_7, broker::generation::iggy_0_8}) {
    reader_simulation at(speaks);
    at.fill(0, 3);
    at.fill(2, 1);
    consumer::consumer reader = at.named("r");
    REQUIRE(reader.commit() == error_code());
    CHECK(committed_by(reader) == texts{"0:-", "1:-", "2:-"});
    CHECK(read_now(reader, 2).size() == 2);
    REQUIRE(reader.commit() == error_code());
    CHECK(committed_by(reader) == texts{"0:1", "1:-", "2:-"});
    CHECK(read_now(reader).size() == 2);
    REQUIRE(reader.commit() == error_code());
    CHECK(committed_by(reader) == texts{"0:2", "1:-", "2:0"});
  }
}

TEST_CASE("A reader of the same name goes on behind what was committed", "[consumer]") {
  reader_simulation at;
  at.fill(0, 3);
  at.fill(1, 2);
  consumer::consumer first = at.named("r");
  CHECK(read_now(first, 2) == texts{"0/0 0:0", "0/1 0:1"});
  REQUIRE(first.commit() == error_code());
  consumer::consumer second = at.named("r");
  REQUIRE(second.seek_to_committed() == error_code());
  CHECK(read_now(second) == texts{"0/2 0:2", "1/0 1:0", "1/1 1:1"});
}

TEST_CASE("Each name has commits of its own", "[consumer]") {
  reader_simulation at;
  at.fill(0, 2);
  consumer::consumer one = at.named("one", {0});
  consumer::consumer other = at.named("other", {0});
  REQUIRE(one.commit(0, 1) == error_code());
  CHECK(committed_by(one) == texts{"0:1"});
  CHECK(committed_by(other) == texts{"0:-"});
  REQUIRE(other.seek_to_committed() == error_code());
  CHECK(read_now(other) == texts{"0/0 0:0", "0/1 0:1"});
}

TEST_CASE("An offset of one's choice is committed, forwards and backwards", "[consumer]") {
  reader_simulation at;
  at.fill(1, 5);
  consumer::consumer reader = at.named("r");
  for (const std::uint64_t each : {4U, 0U, 2U}) {
    REQUIRE(reader.commit(1, each) == error_code());
    CHECK(committed_by(reader) == texts{"0:-", "1:" + std::to_string(each), "2:-"});
  }
  CHECK(reader.commit(1, 5) == make_error_code(iggy_errc::invalid_offset));
  CHECK(reader.commit(99, 0) == make_error_code(iggy_errc::partition_not_found));
  CHECK(committed_by(reader) == texts{"0:-", "1:2", "2:-"});
}

TEST_CASE("After a seek there is nothing to commit until more was read", "[consumer]") {
  reader_simulation at;
  at.fill(0, 3);
  consumer::consumer reader = at.named("r", {0});
  CHECK(read_now(reader).size() == 3);
  reader.seek_to_beginning();
  REQUIRE(reader.commit() == error_code());
  CHECK(committed_by(reader) == texts{"0:-"});
  CHECK(read_now(reader, 1) == texts{"0/0 0:0"});
  REQUIRE(reader.commit() == error_code());
  CHECK(committed_by(reader) == texts{"0:0"});
}

TEST_CASE("What was committed outlives the connection and the server's absence", "[consumer]") {
  reader_simulation at;
  at.fill(0, 3);
  consumer::consumer reader = at.named("r", {0});
  REQUIRE(reader.commit(0, 1) == error_code());
  at.simulation.vanish();
  CHECK(reader.commit(0, 2).failed());
  CHECK(reader.committed().has_error());
  at.simulation.come_back();
  REQUIRE(at.client.connect() == error_code());
  CHECK(committed_by(reader) == texts{"0:1"});
}

TEST_CASE("A name has 1 to 255 bytes", "[consumer]") {
  reader_simulation at;
  at.fill(0, 1);
  for (const std::size_t size : {1U, 255U}) {
    consumer::consumer reader = at.named(std::string(size, 'n'), {0});
    CHECK(read_now(reader) == texts{"0/0 0:0"});
    REQUIRE(reader.commit() == error_code());
    CHECK(committed_by(reader) == texts{"0:0"});
  }
  for (const std::size_t size : {0U, 256U}) {
    consumer::consumer reader = at.named(std::string(size, 'n'), {0});
    CHECK(reader.poll(1, 0s).error() == make_error_code(protocol::wire_errc::name_length));
    CHECK(reader.commit(0, 0) == make_error_code(protocol::wire_errc::name_length));
  }
  CHECK(at.client.connected());
}

}  // namespace
}  // namespace vibes::test
