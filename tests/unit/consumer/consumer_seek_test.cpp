#include "tests/unit/consumer/consumer_support.hpp"

namespace vibes::test {
namespace {

TEST_CASE("The end is behind the last message, also of an empty partition and of one with one",
          "[consumer]") {
  reader_simulation at;
  at.fill(1, 1);
  at.fill(2, 3);
  consumer::consumer reader = at.named("r");
  REQUIRE(reader.seek_to_end() == error_code());
  CHECK(read_now(reader) == texts{});
  for (const protocol::partition_id each : {0U, 1U, 2U}) at.simulation.send(each, {"new"});
  CHECK(read_now(reader) == texts{"0/0 new", "1/1 new", "2/3 new"});
}

TEST_CASE("So many before the end are so many of each partition", "[consumer]") {
  struct {
    std::uint64_t n;
    texts expected;
  } const cases[] = {
      {0, {}},
      {1, {"1/0 1:0", "2/2 2:2"}},
      {2, {"1/0 1:0", "2/1 2:1", "2/2 2:2"}},
      {100, {"1/0 1:0", "2/0 2:0", "2/1 2:1", "2/2 2:2"}},
  };
  reader_simulation at;
  at.fill(1, 1);
  at.fill(2, 3);
  consumer::consumer reader = at.named("r");
  for (const auto& each : cases) {
    CAPTURE(each.n);
    REQUIRE(reader.seek_before_end(each.n) == error_code());
    // Asking for the end takes no partition's turn.
    CHECK(read_now(reader) == each.expected);
  }
}

TEST_CASE("A reader goes back to the beginning, or to an offset of one or all partitions",
          "[consumer]") {
  reader_simulation at;
  at.fill(0, 2);
  at.fill(2, 3);
  consumer::consumer reader = at.named("r");
  const texts all = {"0/0 0:0", "0/1 0:1", "2/0 2:0", "2/1 2:1", "2/2 2:2"};
  CHECK(read_now(reader) == all);
  reader.seek_to_beginning();
  CHECK(read_now(reader) == all);
  reader.seek_to(1);
  CHECK(read_now(reader) == texts{"0/1 0:1", "2/1 2:1", "2/2 2:2"});
  reader.seek_to(2, 2);
  CHECK(read_now(reader) == texts{"2/2 2:2"});
  reader.seek_to(1'000);
  CHECK(read_now(reader) == texts{});
}

TEST_CASE("What was deleted before does not move the end", "[consumer]") {
  reader_simulation at;
  // Each fills a block of the broker, so that the first can go.
  const std::string large(2 << 20, 'x');
  for (int i = 0; i < 3; ++i) at.simulation.send(0, {large});
  at.simulation.on_server([](broker::server& server) {
    server.state().data().find("vibes", "events")->partitions[0]->drop_oldest();
  });
  consumer::consumer reader = at.named("r", {0});
  const auto offsets_read = [&] {
    std::vector<std::uint64_t> offsets;
    const auto polled = reader.poll(10, 0s);
    REQUIRE(polled.has_value());
    for (const consumer::record& each : *polled) offsets.push_back(each.offset);
    return offsets;
  };
  CHECK(offsets_read() == std::vector<std::uint64_t>{1, 2});
  REQUIRE(reader.seek_before_end(1) == error_code());
  CHECK(offsets_read() == std::vector<std::uint64_t>{2});
  REQUIRE(reader.seek_to_end() == error_code());
  CHECK(offsets_read().empty());
  CHECK(reader.positions().all()[0].next == 3);
}

TEST_CASE("A seek that the server refuses leaves the reader where it was", "[consumer]") {
  reader_simulation at;
  at.fill(0, 2);
  consumer::consumer reader = at.named("r", {0, 99});
  const error_code missing = make_error_code(protocol::iggy_errc::partition_not_found);
  CHECK(reader.seek_to_end() == missing);
  CHECK(reader.seek_before_end(1) == missing);
  CHECK(read_now(reader) == texts{"0/0 0:0", "0/1 0:1"});
}

}  // namespace
}  // namespace vibes::test
