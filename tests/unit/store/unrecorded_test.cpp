#include <catch2/catch.hpp>

#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {
namespace {

using numbers = std::vector<std::uint64_t>;

numbers unrecorded(store::replay_queue& queue) {
  numbers found;
  queue.visit_unrecorded([&](const store::entry& each) {
    found.push_back(each.sequence);
    return true;
  });
  return found;
}

TEST_CASE("Only what the journal does not have is given to it again", "[queue]") {
  store::replay_queue queue{store::queue_limits()};
  queue.route(partitions(1), protocol::generation::iggy_0_7);
  for (int i = 0; i < 6; ++i) queue.push(event_of(0), start_of_time);
  while (store::entry* const each = queue.first_unrecorded()) each->was_recorded = true;
  REQUIRE(unrecorded(queue).empty());

  journal::sequence_set missing({1, 2});
  missing.add(5);
  queue.record_again(missing);
  CHECK(unrecorded(queue) == numbers{1, 2, 5});
  queue.record_again({});
  CHECK(unrecorded(queue) == numbers{1, 2, 5});
  queue.record_again();
  CHECK(unrecorded(queue) == numbers{1, 2, 3, 4, 5, 6});
}

}  // namespace
}  // namespace vibes::test
