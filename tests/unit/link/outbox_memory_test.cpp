#include <catch2/catch.hpp>

#include "daemon/store/spill.hpp"
#include "tests/support/allocations.hpp"
#include "tests/unit/link/outbox_support.hpp"
#include "tests/unit/link/played_journal.hpp"

namespace vibes::test {
namespace {

using store::loss_reason;
using store::overflow_policy;

store::outbox_limits without_memory(overflow_policy policy) {
  store::outbox_limits limits = small_limits(policy);
  limits.memory_is_left = [](std::size_t) noexcept { return false; };
  return limits;
}

TEST_CASE("An event that the system has no memory for is refused, whatever the policy",
          "[outbox_memory]") {
  for (const overflow_policy policy :
       {overflow_policy::drop_oldest, overflow_policy::drop_newest, overflow_policy::block}) {
    outbox_fixture at(without_memory(policy));
    const auto result = at.offer(1);
    CHECK(result.verdict == offer_verdict::refused);
    CHECK(result.reason == loss_reason::out_of_memory);
    CHECK(at.box.queued_events() == 0);
    CHECK(at.lost(loss_reason::out_of_memory) == 1);
    CHECK(at.box.counters().received_events == 1);
  }
}

bool memory_there = true;

TEST_CASE("Nothing is dropped for an event that there is no memory for", "[outbox_memory]") {
  store::outbox_limits limits = small_limits(overflow_policy::drop_oldest);
  limits.memory_is_left = [](std::size_t) noexcept { return memory_there; };
  limits.queue.bytes_max = 4 << 20;
  memory_there = true;
  outbox_fixture at(limits);
  at.fill();
  at.now += 1h;
  memory_there = false;
  const auto result = at.offer(1, std::string(2'000'000, 'x'));
  CHECK(result.reason == loss_reason::out_of_memory);
  CHECK(at.lost(loss_reason::overflow_drop_oldest) == 0);
  CHECK(at.box.queued_events() == 4);
}

store::new_event event_of_line(std::uint64_t line, bool durable_wanted) {
  store::new_event event = event_of(2);
  event.producer = {0, 0};
  event.line = line;
  event.durable_wanted = durable_wanted;
  return event;
}

TEST_CASE("Whichever allocation of an offer fails, the outbox is as before and goes on",
          "[outbox_memory]") {
  for (const bool durable : {false, true}) {
    bool something_failed = true;
    for (int after = 0; something_failed; ++after) {
      CAPTURE(durable, after);
      outbox_fixture at(small_limits(overflow_policy::drop_newest, 100));
      at.offer(1);
      const store::new_event event = event_of_line(7, durable);
      store::outbox::offer_result result;
      {
        const failing_allocations failing(after);
        result = at.box.offer(event, at.now, at.now);
        something_failed = failing.one_failed();
      }
      CHECK((result.verdict == offer_verdict::refused) == something_failed);
      CHECK(at.lost(loss_reason::out_of_memory) == (something_failed ? 1 : 0));
      CHECK(at.box.counters().received_events == at.box.queued_events() + at.box.losses().total());
      // A number that was given out for nothing would count as lost at the next start.
      CHECK(at.box.queue().last_number() == at.box.queued_events());
      CHECK(at.offer(3).verdict == offer_verdict::accepted);
      at.route(1);
      CHECK(at.next()->entries.size() == at.box.queued_events());
    }
  }
}

/// Line 7 is offered while an allocation fails, and line 8 in its place; then all is written.
/// Gives whether one had failed.
bool refused_line_is_never_durable(std::size_t before, int after) {
  store::outbox_limits limits = small_limits(overflow_policy::drop_newest, 4);
  limits.journal.emplace().journal = small_journal;
  outbox_fixture at(limits);
  played_journal journal(at.box, at.now);
  for (std::size_t i = 0; i < before; ++i) at.offer(1);
  journal.work();
  const auto offer_durable = [&](std::uint64_t line) {
    return at.box.offer(event_of_line(line, true), at.now, at.now).verdict;
  };
  bool refused = false;
  {
    const failing_allocations failing(after);
    refused = offer_durable(7) == offer_verdict::refused;
    CHECK(refused == failing.one_failed());
  }
  CHECK(offer_durable(8) == offer_verdict::accepted);
  journal.work();
  CHECK(at.reports.is_durable(7) == !refused);
  CHECK(at.reports.is_durable(8));
  return refused;
}

TEST_CASE("A line that was refused for want of memory is never told durable", "[outbox_memory]") {
  for (const std::size_t before : {0, 6}) {  // in memory; on disk only
    int failures = 0;
    while (refused_line_is_never_durable(before, failures)) ++failures;
    CAPTURE(before);
    CHECK(failures > 0);
  }
}

TEST_CASE("Whichever allocation of a tail fails, it is as before", "[outbox_memory]") {
  const std::string payload(3'000, 'p');
  int failures = 0;
  for (const std::uint64_t number : {2, 5}) {
    bool something_failed = true;
    for (int after = 0; something_failed; ++after) {
      CAPTURE(number, after);
      store::spill spilled({{2, 8'000}, 1 << 20, 10});
      store::new_event event = event_of(1, payload);
      event.producer = {0, 0};
      event.line = 7;
      for (store::sequence_number each = 1; each < 2; ++each) spilled.add(event, each);
      const std::size_t bytes = spilled.pending_bytes();
      {
        const failing_allocations failing(after);
        try {
          spilled.add(event, number);
        } catch (const std::bad_alloc&) {
        }
        something_failed = failing.one_failed();
      }
      failures += something_failed ? 1 : 0;
      CHECK(spilled.count() == (something_failed ? 1 : 2));
      CHECK(spilled.pending_events() == spilled.count());
      CHECK((spilled.pending_bytes() == bytes) == something_failed);
      const auto whose = spilled.take_producer(number);
      CHECK(whose.line == (something_failed ? 0 : 7));
      CHECK((whose.producer.slot == store::producer_ref::nobody) == something_failed);
      CHECK((spilled.take_producer(number).line == 0));
      CHECK((spilled.take_producer(number).producer.slot == store::producer_ref::nobody));
      spilled.add(event, 9);
      std::size_t seen = 0;
      spilled.visit_pending(1, [&](const auto&) { return ++seen, true; });
      CHECK(seen == spilled.count());
    }
  }
  CHECK(failures > 0);
}

}  // namespace
}  // namespace vibes::test
