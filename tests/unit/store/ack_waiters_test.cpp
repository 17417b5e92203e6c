#include "daemon/store/ack_waiters.hpp"

#include <catch2/catch.hpp>
#include <vector>

namespace vibes::test {
namespace {

TEST_CASE("Each waiter is taken once, in any order", "[ack_waiters]") {
  store::ack_waiters waiters(3);
  waiters.add({2, {7, 1}, 20, true});
  waiters.add({5, {8, 1}, 50, false});
  const store::ack_waiter taken = waiters.take(5);
  CHECK(taken.producer == store::producer_ref{8, 1});
  CHECK(taken.line == 50);
  CHECK(waiters.take(5).producer.slot == store::producer_ref::nobody);
  CHECK(waiters.take(3).producer.slot == store::producer_ref::nobody);
  CHECK(waiters.take(2).ack_wanted);
}

TEST_CASE("There is a place until the limit, and again when a waiter goes", "[ack_waiters]") {
  store::ack_waiters waiters(2);
  waiters.add({1, {0, 0}, 1, false});
  CHECK(waiters.has_place());
  waiters.add({2, {0, 0}, 2, false});
  CHECK_FALSE(waiters.has_place());
  waiters.remove_newest();
  CHECK(waiters.has_place());
  CHECK(waiters.take(2).line == 0);
}

TEST_CASE("Waiters up to a number go oldest first", "[ack_waiters]") {
  store::ack_waiters waiters(4);
  for (const store::sequence_number sequence : {1u, 3u, 4u, 9u}) {
    waiters.add({sequence, {0, 0}, 10 * sequence, false});
  }
  std::vector<std::uint64_t> lines;
  const auto note = [&](const store::ack_waiter& each) { lines.push_back(each.line); };
  waiters.take_through(4, note);
  CHECK(lines == std::vector<std::uint64_t>{10, 30, 40});
  waiters.take_through(4, note);
  CHECK(lines.size() == 3);
  CHECK(waiters.take(9).line == 90);
}

}  // namespace
}  // namespace vibes::test
