#include <catch2/catch.hpp>

#include "tests/unit/store/scheduler_simulation.hpp"

// What the outbox and its journal make of a cap that was lowered below what the directory holds.

namespace vibes::test {
namespace {

using level = scheduler_simulation::level;

/// A life that left 3,000 events of about half a kibibyte in one large segment, and another one
/// that may hold a third of it.
class lowered_simulation : public scheduler_simulation {
 public:
  static constexpr std::uint64_t found_events = 3'000;

  lowered_simulation(store::overflow_policy policy, std::size_t memory_events)
      : scheduler_simulation(rules_of(policy, memory_events)) {
    start();
    for (std::uint64_t i = 0; i < found_events; ++i) {
      promise(offer(0, level::received, filler) == offer_verdict::accepted, "there is room");
      work();
    }
    promise(stop().events_on_disk == found_events, "all of them are on disk");
    found_bytes = disk.total_bytes();
    rules.journal = journal::journal_limits_for(1'100'000);
    promise(found_bytes > rules.journal.bytes_max, "more than may be");
    start();
    work();
  }
  /// What a producer does that is told to wait.
  void add_one(level wanted) {
    while (offer(0, wanted, filler) == offer_verdict::wait) {
      if (job_is_out()) do_job();
      if (!take_job()) pass(100ms);
    }
  }
  std::uint64_t dropped() const {
    return box->losses().of(store::loss_reason::overflow_drop_oldest);
  }

  static constexpr std::size_t filler = 480;
  std::uint64_t found_bytes = 0;

 private:
  static simulation_rules rules_of(store::overflow_policy policy, std::size_t memory_events) {
    simulation_rules made;
    made.policy = policy;
    made.queue = {memory_events, 64 << 20};
    made.journal = journal::journal_limits_for(1 << 30);
    return made;
  }
};

}  // namespace

TEST_CASE("Under a lowered cap a new event takes the place of the oldest, and each is counted",
          "[scheduler][cap]") {
  // Memory has a part of the backlog, or all of it.
  const std::size_t memory_events = GENERATE(16U, 10'000U);
  CAPTURE(memory_events);
  lowered_simulation simulation(store::overflow_policy::drop_oldest, memory_events);
  REQUIRE(simulation.box->journal().spilled().empty() == (memory_events == 10'000));
  simulation.pass(10s);
  simulation.work();
  CHECK(simulation.box->losses().total() == 0);  // nothing by itself
  SECTION("one, and a stop") {
    simulation.add_one(level::durable);
    simulation.work();
    CHECK(simulation.reports->is_durable(1));
    const std::uint64_t lost = simulation.dropped();
    CHECK(lost >= 1);
    CHECK(lost <= 2);
    const store::left_behind left = simulation.stop();
    CHECK(left.events_on_disk == simulation.found_events + 1 - lost);
    CHECK(left.losses.of(store::loss_reason::overflow_drop_oldest) == lost);
    CHECK(left.losses.total() == lost);
  }
  SECTION("many") {
    for (int i = 0; i < 1'500; ++i) {
      simulation.add_one(level::durable);
      simulation.work();
      simulation.check();
      REQUIRE(simulation.disk.total_bytes() <=
              simulation.found_bytes + simulation.rules.journal.reserve_bytes);
    }
    CHECK(simulation.reports->durable_count() == 1'500);
    CHECK(simulation.dropped() < 1'900);
    CHECK(simulation.box->losses().total() == simulation.dropped());
    CHECK(simulation.box->queued_events() ==
          simulation.found_events + 1'500 - simulation.dropped());
    simulation.drain();
    simulation.check_promises();
  }
}

TEST_CASE("Under a lowered cap a burst faster than the disk gets in, and costs about one for one",
          "[scheduler][cap]") {
  const std::size_t memory_events = GENERATE(16U, 10'000U);
  const std::uint64_t burst = GENERATE(500U, 2'500U);
  CAPTURE(memory_events, burst);
  lowered_simulation simulation(store::overflow_policy::drop_oldest, memory_events);
  simulation.pass(10s);
  for (std::uint64_t i = 0; i < burst; ++i) simulation.add_one(level::durable);
  for (int i = 0; i < 100; ++i) {
    simulation.work();
    simulation.pass(100ms);
    REQUIRE(simulation.disk.total_bytes() <=
            simulation.found_bytes + simulation.rules.journal.reserve_bytes);
  }
  simulation.check();
  CHECK(simulation.reports->durable_count() == burst);
  CHECK(simulation.dropped() < burst * 5 / 4);
  CHECK(simulation.box->losses().total() == simulation.dropped());
  const store::left_behind left = simulation.stop();
  CHECK(left.losses.total() == left.losses.of(store::loss_reason::overflow_drop_oldest));
  CHECK(left.events_on_disk == simulation.found_events + burst - left.losses.total());
}

TEST_CASE("Under a lowered cap an event right before the stop is kept, and the oldest goes",
          "[scheduler][cap]") {
  lowered_simulation simulation(store::overflow_policy::drop_oldest, 10'000);
  REQUIRE(simulation.offer(0, level::received, simulation.filler) == offer_verdict::accepted);
  simulation.work();
  CHECK(simulation.dropped() == 0);  // that is no outage yet
  const store::left_behind left = simulation.stop();
  CHECK(left.losses.of(store::loss_reason::overflow_drop_oldest) <= 2);
  CHECK(left.losses.of(store::loss_reason::left_at_stop) == 0);
  CHECK(left.events_on_disk == simulation.found_events + 1 - left.losses.total());
}

TEST_CASE("Under a lowered cap the other policies drop nothing that is there", "[scheduler][cap]") {
  const auto policy = GENERATE(store::overflow_policy::drop_newest, store::overflow_policy::block);
  lowered_simulation simulation(policy, 16);
  simulation.pass(10s);
  CHECK(simulation.offer(0, level::received, simulation.filler) != offer_verdict::accepted);
  simulation.drain();
  CHECK(simulation.box->counters().committed_events == simulation.found_events);
}

}  // namespace vibes::test
