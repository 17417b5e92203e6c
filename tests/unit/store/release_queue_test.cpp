#include "daemon/store/release_queue.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {

using namespace std::chrono_literals;
using store::release_queue;

TEST_CASE("Releases wait for company from when they were first seen", "[release queue]") {
  release_queue queue(50ms);
  queue.look_at(start_of_time);
  CHECK_FALSE(queue.due_at());
  queue.add(journal::sequence_range{1, 3});
  queue.look_at(start_of_time + 10ms);
  queue.add(journal::sequence_range{4, 4});
  queue.look_at(start_of_time + 40ms);
  CHECK(queue.due_at() == start_of_time + 60ms);
  CHECK_FALSE(queue.is_due(start_of_time + 59ms));
  CHECK(queue.is_due(start_of_time + 60ms));
  CHECK_FALSE(queue.is_urgent());
}

TEST_CASE("Releases that somebody waits for are due at once", "[release queue]") {
  release_queue queue(50ms);
  queue.add(journal::sequence_range{1, 1});
  queue.hurry();
  CHECK(queue.is_due(start_of_time));
  CHECK(queue.is_urgent());
}

TEST_CASE("Releases in very many ranges do not wait", "[release queue]") {
  release_queue queue(50ms);
  for (std::uint64_t range = 1; range < 4'096; ++range) {
    queue.add(journal::sequence_range{2 * range, 2 * range});
  }
  CHECK_FALSE(queue.is_due(start_of_time));
  queue.add(journal::sequence_range{100'000, 100'000});
  CHECK(queue.is_due(start_of_time));
}

TEST_CASE("What a job takes is gone, with its wait and its haste", "[release queue]") {
  release_queue queue(50ms);
  queue.add(journal::sequence_range{7, 9});
  queue.look_at(start_of_time);
  queue.hurry();
  CHECK(queue.take().count() == 3);
  CHECK(queue.empty());
  CHECK_FALSE(queue.is_urgent());
  CHECK_FALSE(queue.due_at());
}

}  // namespace vibes::test
