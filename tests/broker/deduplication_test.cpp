#include <catch2/catch.hpp>

#include "tests/broker/recent_ids.hpp"
#include "tests/broker/visit.hpp"

namespace vibes::test {
namespace {

broker::broker_options deduplicating() {
  broker::broker_options options;
  options.deduplicate = true;
  return options;
}

const frame_bytes first = to_partition(0);

TEST_CASE("A message that was sent before is stored once", "[deduplication]") {
  visit at(deduplicating());
  at.prepare(2);
  at.succeeds(send(first, {{1, "a"}, {2, "b"}}));
  at.succeeds(send(first, {{2, "again"}, {3, "c"}, {1, "again"}, {3, "twice in one"}}));
  CHECK(polled_from(at.succeeds(poll(0, 0, 10))) ==
        std::vector<polled>{{0, 1, "a"}, {1, 2, "b"}, {2, 3, "c"}});
  CHECK(at.with().counters().messages_stored == 3);
  CHECK(at.with().counters().messages_repeated == 3);
  CHECK(at.with().counters().batches == 2);
  CHECK(at.with().counters().batch_messages_min == 2);  // as received, not as stored
  CHECK(at.with().counters().batch_messages_max == 4);
}

TEST_CASE("A batch of nothing new is a success that stores nothing", "[deduplication]") {
  visit at(deduplicating());
  at.prepare(1);
  const frame_bytes batch = send(first, {{1, "a"}, {2, "b"}});
  at.succeeds(batch);
  CHECK(at.succeeds(batch).empty());
  CHECK(at.with().counters().messages_stored == 2);
  CHECK(at.with().counters().messages_repeated == 2);
}

TEST_CASE("Each partition knows its own messages", "[deduplication]") {
  visit at(deduplicating());
  at.prepare(2);
  at.succeeds(send(to_partition(0), {{1, "a"}}));
  at.succeeds(send(to_partition(1), {{1, "a"}}));
  CHECK(polled_from(at.succeeds(poll(1, 0, 10))) == std::vector<polled>{{0, 1, "a"}});
  CHECK(at.with().counters().messages_repeated == 0);
}

TEST_CASE("Messages without ids are never the same", "[deduplication]") {
  visit at(deduplicating());
  at.prepare(1);
  at.succeeds(send(first, {{0, "a"}, {0, "a"}}));
  at.succeeds(send(first, {{0, "a"}}));
  CHECK(polled_from(at.succeeds(poll(0, 0, 10))).size() == 3);
  CHECK(at.with().counters().messages_repeated == 0);
}

TEST_CASE("Without being told to, the broker drops nothing", "[deduplication]") {
  visit at;
  at.prepare(1);
  at.succeeds(send(first, {{1, "a"}, {1, "a"}}));
  at.succeeds(send(first, {{1, "a"}}));
  CHECK(polled_from(at.succeeds(poll(0, 0, 10))) ==
        std::vector<polled>{{0, 1, "a"}, {1, 1, "a"}, {2, 1, "a"}});
  CHECK(at.with().counters().messages_repeated == 0);
}

TEST_CASE("The oldest ids are forgotten first", "[deduplication]") {
  broker::recent_ids ids;
  const std::uint64_t most = broker::recent_ids::ids_max;
  std::uint64_t fresh = 0;
  for (std::uint64_t id = 1; id <= most; ++id) fresh += ids.remember({id, 0}) ? 1 : 0;
  CHECK(fresh == most);
  CHECK_FALSE(ids.remember({1, 0}));     // all of them are known
  CHECK_FALSE(ids.remember({most, 0}));  // and asking again moves none
  CHECK(ids.remember({0, 1}));           // one more takes the place of the first
  CHECK_FALSE(ids.remember({2, 0}));
  CHECK(ids.remember({1, 0}));  // forgotten, and now in the place of the second
  CHECK(ids.remember({2, 0}));
  CHECK_FALSE(ids.remember({4, 0}));
}

}  // namespace
}  // namespace vibes::test
