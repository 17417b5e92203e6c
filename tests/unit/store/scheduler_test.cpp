#include <cerrno>

#include <catch2/catch.hpp>

#include "tests/unit/store/scheduler_simulation.hpp"

namespace vibes::test {
namespace {

using level = scheduler_simulation::level;
using answer = scheduler_simulation::answer;

/// Memory for four events, and a link that is down.
class small_simulation : public scheduler_simulation {
 public:
  small_simulation() : scheduler_simulation(small_memory_rules(store::overflow_policy::block)) {
    start();
  }
  explicit small_simulation(store::overflow_policy policy)
      : scheduler_simulation(small_memory_rules(policy)) {
    start();
  }

  void offer_many(int count, level wanted = level::received) {
    for (int i = 0; i < count; ++i) {
      while (offer(static_cast<unsigned>(i % 3), wanted) == offer_verdict::wait) {
        if (job_is_out()) do_job();
        if (!take_job()) pass(100ms);
      }
    }
  }
  const store::journal_scheduler& scheduler() const { return box->journal(); }
};

}  // namespace

TEST_CASE("What memory has no room for goes to disk, and comes back in order", "[scheduler]") {
  small_simulation simulation;
  simulation.offer_many(100);
  CHECK(simulation.box->queue().usage().events == 4);
  CHECK(simulation.scheduler().spilled().count() == 96);
  simulation.work();
  CHECK(simulation.scheduler().space().usage().live_events == 100);
  simulation.drain();
  CHECK(simulation.box->counters().committed_events == 100);
  CHECK(simulation.scheduler().status().counters.read_back_events > 0);
  simulation.work();
  simulation.pass(1s);
  simulation.work();
  CHECK(simulation.scheduler().space().usage().live_events == 0);
}

TEST_CASE("While Iggy takes events producers wait for memory and the disk is left alone",
          "[scheduler]") {
  small_simulation simulation;
  simulation.link_up();
  std::mt19937_64 any(1);
  for (int i = 0; i < 4; ++i)
    REQUIRE(simulation.offer(0, level::durable) == offer_verdict::accepted);
  CHECK_FALSE(simulation.box->accepts(simulation.now));
  CHECK(simulation.offer(0, level::durable) == offer_verdict::wait);
  REQUIRE(simulation.send());
  simulation.answer_with(answer::stored, any);
  CHECK(simulation.offer(0, level::durable) == offer_verdict::accepted);
  CHECK(simulation.scheduler().status().counters.spilled_events == 0);
}

TEST_CASE("When commits stay away a full memory spills to the disk", "[scheduler]") {
  small_simulation simulation;
  simulation.link_up();
  for (int i = 0; i < 4; ++i) simulation.offer(0, level::received);
  REQUIRE(simulation.offer(0, level::received) == offer_verdict::wait);
  SECTION("for as long as a stall takes") {
    simulation.pass(1s);
  }
  SECTION("because the link is down") {
    simulation.link_down();
  }
  SECTION("because an operator paused them") {
    simulation.box->pause();
  }
  CHECK(simulation.offer(0, level::received) == offer_verdict::accepted);
  CHECK(simulation.scheduler().status().counters.spilled_events == 1);
}

TEST_CASE("What is committed before the journal gets to it is never written", "[scheduler]") {
  small_simulation simulation;
  simulation.link_up();
  std::mt19937_64 any(1);
  simulation.offer(0, level::durable);
  REQUIRE(simulation.send());
  simulation.answer_with(answer::stored, any);
  simulation.work();
  simulation.pass(1s);
  simulation.work();
  CHECK(simulation.scheduler().space().usage().live_events == 0);
  CHECK(simulation.reports->of_line(1) == "committed");
  CHECK_FALSE(simulation.reports->is_durable(1));
}

TEST_CASE("An event is durable when its job is done, not before", "[scheduler]") {
  small_simulation simulation;
  simulation.offer(0, level::durable);
  CHECK_FALSE(simulation.reports->is_durable(1));
  REQUIRE(simulation.take_job());
  simulation.offer(0, level::durable);
  CHECK_FALSE(simulation.reports->is_durable(1));
  simulation.do_job();
  CHECK(simulation.reports->is_durable(1));
  CHECK_FALSE(simulation.reports->is_durable(2));
  simulation.work();
  CHECK(simulation.reports->is_durable(2));
}

TEST_CASE("Durable is offered only by a journal that works and syncs every group", "[scheduler]") {
  small_simulation simulation;
  CHECK(simulation.scheduler().health().offers_durable());
  simulation.disk.fail_call(fake_file_system::call::write, 0, EIO);
  simulation.offer(0, level::durable);
  simulation.work();
  CHECK(simulation.scheduler().health().state() == store::journal_state::failed);
  CHECK_FALSE(simulation.scheduler().health().offers_durable());
  CHECK(simulation.scheduler().health().last_error() == boost::system::errc::io_error);
  simulation.pass(2s);
  simulation.work();
  CHECK(simulation.scheduler().health().offers_durable());
  CHECK(simulation.reports->is_durable(1));
}

TEST_CASE("A disk that fails stops nothing while memory has room", "[scheduler]") {
  small_simulation simulation;
  simulation.disk.set_capacity(0);
  simulation.offer(0, level::durable);
  simulation.work();
  REQUIRE(simulation.scheduler().health().state() == store::journal_state::failed);
  CHECK(simulation.offer(0, level::durable) == offer_verdict::accepted);
  simulation.link_up();
  std::mt19937_64 any(1);
  REQUIRE(simulation.send());
  simulation.answer_with(answer::stored, any);
  CHECK(simulation.reports->of_line(1) == "committed");
  CHECK(simulation.reports->of_line(2) == "committed");
}

TEST_CASE("After a kill the backlog is sent before what is new", "[scheduler]") {
  small_simulation simulation;
  simulation.offer_many(50, level::durable);
  simulation.work();
  simulation.kill();
  simulation.start();
  CHECK(simulation.scheduler().status().counters.recovered_events == 50);
  simulation.offer_many(50, level::durable);
  simulation.drain();
  simulation.check_promises();
  CHECK(simulation.box->counters().committed_events == 100);
}

TEST_CASE("A stop leaves on disk what was not sent, and loses nothing", "[scheduler]") {
  small_simulation simulation;
  simulation.offer_many(30);
  const store::left_behind left = simulation.stop();
  CHECK(left.events_on_disk == 30);
  CHECK(left.lost_events == 0);
  simulation.start();
  CHECK(simulation.scheduler().status().counters.recovered_events == 30);
}

TEST_CASE("A stop on a broken disk says what is lost", "[scheduler]") {
  small_simulation simulation;
  simulation.disk.set_capacity(0);
  simulation.offer_many(3);
  simulation.work();
  const store::left_behind left = simulation.stop();
  CHECK(left.events_on_disk == 0);
  CHECK(left.lost_events == 3);
  CHECK(simulation.reports->of_line(2) == "left_at_stop");
}

TEST_CASE("A full disk drops the oldest, and each is counted", "[scheduler]") {
  small_simulation simulation(store::overflow_policy::drop_oldest);
  simulation.pass(10s);
  simulation.offer_many(2'000);
  const std::uint64_t lost = simulation.box->losses().of(store::loss_reason::overflow_drop_oldest);
  CHECK(lost > 0);
  CHECK(simulation.box->queued_events() == 2'000 - lost);
  CHECK(simulation.scheduler().space().usage().bytes <= simulation.rules.journal.bytes_max);
  CHECK(simulation.reports->of_line(1) == "overflow_drop_oldest");
  CHECK(simulation.reports->of_line(2'000) == "");
  simulation.drain();
  CHECK(simulation.box->counters().committed_events == 2'000 - lost);
}

TEST_CASE("A full disk refuses the newest when that is the policy", "[scheduler]") {
  small_simulation simulation(store::overflow_policy::drop_newest);
  simulation.pass(10s);
  simulation.offer_many(2'000);
  const std::uint64_t lost = simulation.box->losses().of(store::loss_reason::overflow_drop_newest);
  CHECK(lost > 0);
  simulation.drain();
  CHECK(simulation.box->counters().committed_events == 2'000 - lost);
}

TEST_CASE("Producers who wait for commits of events on disk are limited", "[scheduler]") {
  small_simulation simulation(store::overflow_policy::drop_newest);
  simulation.pass(10s);
  for (int i = 0; i < 8; ++i)
    CHECK(simulation.offer(0, level::committed) == offer_verdict::accepted);
  CHECK(simulation.offer(0, level::committed) == offer_verdict::refused);
  CHECK(simulation.offer(0, level::durable) == offer_verdict::accepted);
  simulation.drain();
  CHECK(simulation.reports->of_line(8) == "committed");
}

TEST_CASE("A disk that takes long is no reason to drop events for one whose producer waits",
          "[scheduler]") {
  small_simulation simulation(store::overflow_policy::drop_oldest);
  simulation.pass(10s);
  for (int i = 0; i < 8; ++i)
    REQUIRE(simulation.offer(0, level::committed) == offer_verdict::accepted);
  REQUIRE(simulation.take_job());
  simulation.pass(5s);
  CHECK(simulation.offer(0, level::committed) == offer_verdict::wait);
  CHECK(simulation.box->losses().total() == 0);
  simulation.drain();
  CHECK(simulation.offer(0, level::committed) == offer_verdict::accepted);
}

TEST_CASE("A batch of 0.10 goes out when it is written, and is the same after a kill",
          "[scheduler]") {
  simulation_rules rules;
  rules.generation = protocol::generation::iggy_0_10;
  scheduler_simulation simulation(rules);
  simulation.start();
  for (int i = 0; i < 4; ++i) simulation.offer(0, level::durable);
  simulation.link_up();
  REQUIRE(simulation.send());
  CHECK(simulation.sends() == 0);
  REQUIRE(simulation.take_job());
  simulation.do_job();
  REQUIRE(simulation.send());
  REQUIRE(simulation.sends() == 1);
  std::mt19937_64 any(1);
  simulation.answer_with(answer::stored_but_lost, any);
  simulation.offer(0, level::durable);
  simulation.work();
  simulation.kill();
  simulation.start();
  simulation.drain();
  CHECK(simulation.recognised == 1);
  CHECK(simulation.stored_twice == 0);
  simulation.check_promises();
}

TEST_CASE("A batch whose link is lost while it is written keeps its stamp", "[scheduler]") {
  simulation_rules rules;
  rules.generation = protocol::generation::iggy_0_10;
  scheduler_simulation simulation(rules);
  simulation.start();
  simulation.offer(0, level::durable);
  simulation.link_up();
  REQUIRE(simulation.send());
  simulation.link_down();
  simulation.link_up();
  const auto again = simulation.box->next_batch(simulation.now, {true, true});
  REQUIRE(again);
  CHECK(again->producer.has_value());
  CHECK(again->recorded == store::batch_recorded::no);
  simulation.box->returned(store::batch(*again));
}

TEST_CASE("A disk that is there late brings its backlog, and no number stands twice",
          "[scheduler]") {
  small_simulation simulation;
  simulation.offer_many(20, level::durable);
  simulation.work();
  simulation.kill();
  simulation.disk.fail_call(fake_file_system::call::any, 1, EIO);
  simulation.start();
  REQUIRE(simulation.scheduler().health().state() == store::journal_state::failed);
  simulation.offer(0, level::durable);
  simulation.pass(2s);
  simulation.work();
  CHECK(simulation.scheduler().health().is_healthy());
  CHECK(simulation.scheduler().status().counters.recovered_events == 20);
  simulation.drain();
  simulation.check_promises();
  simulation.kill();
  simulation.start();
  CHECK(simulation.scheduler().status().recovery->lost.empty());
}

TEST_CASE("What a full disk did not take is lost at the stop, and not once more at the next start",
          "[scheduler]") {
  small_simulation simulation(store::overflow_policy::drop_newest);
  while (simulation.offer(0, level::received, 200) == offer_verdict::accepted) simulation.work();
  simulation.stop();
  simulation.disk.fail_call(fake_file_system::call::any, 1, EIO);
  simulation.start();
  std::vector<store::sequence_number> taken;
  for (int i = 0; i < 3; ++i) {
    REQUIRE(simulation.offer(0, level::received, 200) == offer_verdict::accepted);
    taken.push_back(simulation.box->queue().last_number());
  }
  simulation.pass(2s);
  simulation.work();
  REQUIRE(simulation.scheduler().space().is_full());
  // A number that the journal has to know, behind two that it never had.
  REQUIRE(simulation.box->drop(std::span(taken).last(1)).size() == 1);
  simulation.work();
  CHECK(simulation.stop().lost_events == 2);
  simulation.start();
  CHECK(simulation.scheduler().status().recovery->lost.empty());
}

}  // namespace vibes::test
