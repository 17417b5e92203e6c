#include "daemon/admin/lock_wait.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using admin::lock_state;
using admin::lock_wait;
using action = lock_wait::action;

const time_point began = time_point() + 1h;
const lock_state nobody;
const lock_state held_by_42{true, 42};

TEST_CASE("A start does not wait for a journal that nobody uses", "[lock_wait]") {
  lock_wait waiting(20s, began);
  CHECK(waiting.next(nobody, began).what == action::start);
  // Also when it was long in coming.
  CHECK(waiting.next(nobody, began + 1h).what == action::start);
}

TEST_CASE("A start waits while somebody uses the journal, and goes on afterwards", "[lock_wait]") {
  lock_wait waiting(20s, began);
  for (duration passed{}; passed < 20s; passed += lock_wait::check_period) {
    const lock_wait::step step = waiting.next(held_by_42, began + passed);
    REQUIRE(step.what == action::wait);
    REQUIRE(step.check_again_in == lock_wait::check_period);
  }
  CHECK(waiting.next(nobody, began + 20s).what == action::start);
}

TEST_CASE("A start gives up at its limit and not later", "[lock_wait]") {
  lock_wait waiting(20s, began);
  const lock_wait::step last = waiting.next(held_by_42, began + 19'990ms);
  CHECK(last.what == action::wait);
  CHECK(last.check_again_in == 10ms);
  CHECK(waiting.next(held_by_42, began + 20s).what == action::give_up);
  CHECK(lock_wait(0s, began).next(held_by_42, began).what == action::give_up);
}

TEST_CASE("It says once for whom it waits, and again when that is another one", "[lock_wait]") {
  lock_wait waiting(20s, began);
  CHECK(waiting.next(held_by_42, began).says_so);
  CHECK(!waiting.next(held_by_42, began + 1s).says_so);
  CHECK(waiting.next({true, 43}, began + 2s).says_so);
  CHECK(!waiting.next({true, 43}, began + 3s).says_so);
  CHECK(!waiting.next({true, 0}, began + 4s).says_so);
  lock_wait for_unknown(20s, began);
  CHECK(for_unknown.next({true, 0}, began).says_so);
  CHECK(!for_unknown.next({true, 0}, began + 1s).says_so);
}

}  // namespace
}  // namespace vibes::test
