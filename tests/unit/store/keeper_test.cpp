#include <cerrno>

#include <catch2/catch.hpp>

#include "tests/unit/store/keeper_world.hpp"

namespace vibes::test {
namespace {

using level = keeper_world::level;
using answer = keeper_world::answer;

/// Memory for four events, and a link that is down.
class small_world : public keeper_world {
 public:
  small_world() : keeper_world(small_memory_rules(store::overflow_policy::block)) { start(); }
  explicit small_world(store::overflow_policy policy) : keeper_world(small_memory_rules(policy)) {
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
  const store::journal_keeper& keeper() const { return box->journal(); }
};

}  // namespace

TEST_CASE("What memory has no room for goes to disk, and comes back in order", "[keeper]") {
  small_world world;
  world.offer_many(100);
  CHECK(world.box->queue().usage().events == 4);
  CHECK(world.keeper().tail().count() == 96);
  world.work();
  CHECK(world.keeper().usage().live_events == 100);
  world.drain();
  CHECK(world.box->counters().committed_events == 100);
  CHECK(world.keeper().counters().read_back_events > 0);
  world.work();
  world.pass(1s);
  world.work();
  CHECK(world.keeper().usage().live_events == 0);
}

TEST_CASE("While Iggy takes events producers wait for memory and the disk is left alone",
          "[keeper]") {
  small_world world;
  world.link_up();
  std::mt19937_64 any(1);
  for (int i = 0; i < 4; ++i) REQUIRE(world.offer(0, level::durable) == offer_verdict::accepted);
  CHECK_FALSE(world.box->accepts(world.now));
  CHECK(world.offer(0, level::durable) == offer_verdict::wait);
  REQUIRE(world.send());
  world.answer_with(answer::stored, any);
  CHECK(world.offer(0, level::durable) == offer_verdict::accepted);
  CHECK(world.keeper().counters().spilled_events == 0);
}

TEST_CASE("When commits stay away a full memory spills to the disk", "[keeper]") {
  small_world world;
  world.link_up();
  for (int i = 0; i < 4; ++i) world.offer(0, level::received);
  REQUIRE(world.offer(0, level::received) == offer_verdict::wait);
  SECTION("for as long as a stall takes") {
    world.pass(1s);
  }
  SECTION("because the link is down") {
    world.link_down();
  }
  SECTION("because an operator paused them") {
    world.box->pause();
  }
  CHECK(world.offer(0, level::received) == offer_verdict::accepted);
  CHECK(world.keeper().counters().spilled_events == 1);
}

TEST_CASE("What is committed before the journal gets to it is never written", "[keeper]") {
  small_world world;
  world.link_up();
  std::mt19937_64 any(1);
  world.offer(0, level::durable);
  REQUIRE(world.send());
  world.answer_with(answer::stored, any);
  world.work();
  world.pass(1s);
  world.work();
  CHECK(world.keeper().usage().live_events == 0);
  CHECK(world.fates->of_line(1) == "committed");
  CHECK_FALSE(world.fates->is_durable(1));
}

TEST_CASE("An event is durable when its job is done, not before", "[keeper]") {
  small_world world;
  world.offer(0, level::durable);
  CHECK_FALSE(world.fates->is_durable(1));
  REQUIRE(world.take_job());
  world.offer(0, level::durable);
  CHECK_FALSE(world.fates->is_durable(1));
  world.do_job();
  CHECK(world.fates->is_durable(1));
  CHECK_FALSE(world.fates->is_durable(2));
  world.work();
  CHECK(world.fates->is_durable(2));
}

TEST_CASE("Durable is offered only by a journal that works and syncs every group", "[keeper]") {
  small_world world;
  CHECK(world.keeper().offers_durable());
  world.disk.fail_call(fake_file_system::call::write, 0, EIO);
  world.offer(0, level::durable);
  world.work();
  CHECK(world.keeper().state() == store::journal_state::failed);
  CHECK_FALSE(world.keeper().offers_durable());
  CHECK(world.keeper().last_error() == boost::system::errc::io_error);
  world.pass(2s);
  world.work();
  CHECK(world.keeper().offers_durable());
  CHECK(world.fates->is_durable(1));
}

TEST_CASE("A disk that fails stops nothing while memory has room", "[keeper]") {
  small_world world;
  world.disk.set_capacity(0);
  world.offer(0, level::durable);
  world.work();
  REQUIRE(world.keeper().state() == store::journal_state::failed);
  CHECK(world.offer(0, level::durable) == offer_verdict::accepted);
  world.link_up();
  std::mt19937_64 any(1);
  REQUIRE(world.send());
  world.answer_with(answer::stored, any);
  CHECK(world.fates->of_line(1) == "committed");
  CHECK(world.fates->of_line(2) == "committed");
}

TEST_CASE("After a kill the backlog is sent before what is new", "[keeper]") {
  small_world world;
  world.offer_many(50, level::durable);
  world.work();
  world.kill();
  world.start();
  CHECK(world.keeper().counters().recovered_events == 50);
  world.offer_many(50, level::durable);
  world.drain();
  world.check_promises();
  CHECK(world.box->counters().committed_events == 100);
}

TEST_CASE("A stop leaves on disk what was not sent, and loses nothing", "[keeper]") {
  small_world world;
  world.offer_many(30);
  const store::left_behind left = world.stop();
  CHECK(left.events_on_disk == 30);
  CHECK(left.lost_events == 0);
  world.start();
  CHECK(world.keeper().counters().recovered_events == 30);
}

TEST_CASE("A stop on a broken disk says what is lost", "[keeper]") {
  small_world world;
  world.disk.set_capacity(0);
  world.offer_many(3);
  world.work();
  const store::left_behind left = world.stop();
  CHECK(left.events_on_disk == 0);
  CHECK(left.lost_events == 3);
  CHECK(world.fates->of_line(2) == "left_at_stop");
}

TEST_CASE("A full disk drops the oldest, and each is counted", "[keeper]") {
  small_world world(store::overflow_policy::drop_oldest);
  world.pass(10s);
  world.offer_many(2'000);
  const std::uint64_t lost = world.box->losses().of(store::loss_reason::overflow_drop_oldest);
  CHECK(lost > 0);
  CHECK(world.box->queued_events() == 2'000 - lost);
  CHECK(world.keeper().usage().bytes <= world.rules.journal.bytes_max);
  CHECK(world.fates->of_line(1) == "overflow_drop_oldest");
  CHECK(world.fates->of_line(2'000) == "");
  world.drain();
  CHECK(world.box->counters().committed_events == 2'000 - lost);
}

TEST_CASE("A full disk refuses the newest when that is the policy", "[keeper]") {
  small_world world(store::overflow_policy::drop_newest);
  world.pass(10s);
  world.offer_many(2'000);
  const std::uint64_t lost = world.box->losses().of(store::loss_reason::overflow_drop_newest);
  CHECK(lost > 0);
  world.drain();
  CHECK(world.box->counters().committed_events == 2'000 - lost);
}

TEST_CASE("Producers who wait for commits of events on disk are limited", "[keeper]") {
  small_world world(store::overflow_policy::drop_newest);
  world.pass(10s);
  for (int i = 0; i < 8; ++i) CHECK(world.offer(0, level::committed) == offer_verdict::accepted);
  CHECK(world.offer(0, level::committed) == offer_verdict::refused);
  CHECK(world.offer(0, level::durable) == offer_verdict::accepted);
  world.drain();
  CHECK(world.fates->of_line(8) == "committed");
}

TEST_CASE("A disk that takes long is no reason to drop events for one whose producer waits",
          "[keeper]") {
  small_world world(store::overflow_policy::drop_oldest);
  world.pass(10s);
  for (int i = 0; i < 8; ++i) REQUIRE(world.offer(0, level::committed) == offer_verdict::accepted);
  REQUIRE(world.take_job());
  world.pass(5s);
  CHECK(world.offer(0, level::committed) == offer_verdict::wait);
  CHECK(world.box->losses().total() == 0);
  world.drain();
  CHECK(world.offer(0, level::committed) == offer_verdict::accepted);
}

TEST_CASE("A batch of 0.10 goes out when it is written, and is the same after a kill", "[keeper]") {
  world_rules rules;
  rules.generation = protocol::generation::vsr_0_12;
  keeper_world world(rules);
  world.start();
  for (int i = 0; i < 4; ++i) world.offer(0, level::durable);
  world.link_up();
  REQUIRE(world.send());
  CHECK(world.sends() == 0);
  REQUIRE(world.take_job());
  world.do_job();
  REQUIRE(world.send());
  REQUIRE(world.sends() == 1);
  std::mt19937_64 any(1);
  world.answer_with(answer::stored_but_lost, any);
  world.offer(0, level::durable);
  world.work();
  world.kill();
  world.start();
  world.drain();
  CHECK(world.recognised == 1);
  CHECK(world.stored_twice == 0);
  world.check_promises();
}

TEST_CASE("A batch whose link is lost while it is written keeps its stamp", "[keeper]") {
  world_rules rules;
  rules.generation = protocol::generation::vsr_0_12;
  keeper_world world(rules);
  world.start();
  world.offer(0, level::durable);
  world.link_up();
  REQUIRE(world.send());
  world.link_down();
  world.link_up();
  const auto again = world.box->next_batch(world.now, {true, true});
  REQUIRE(again);
  CHECK(again->producer.has_value());
  CHECK(again->recorded == store::batch_recorded::no);
  world.box->returned(store::batch(*again));
}

TEST_CASE("A disk that is there late brings its backlog, and no number stands twice", "[keeper]") {
  small_world world;
  world.offer_many(20, level::durable);
  world.work();
  world.kill();
  world.disk.fail_call(fake_file_system::call::any, 1, EIO);
  world.start();
  REQUIRE(world.keeper().state() == store::journal_state::failed);
  world.offer(0, level::durable);
  world.pass(2s);
  world.work();
  CHECK(world.keeper().state() == store::journal_state::healthy);
  CHECK(world.keeper().counters().recovered_events == 20);
  world.drain();
  world.check_promises();
  world.kill();
  world.start();
  CHECK(world.keeper().recovery()->lost.empty());
}

TEST_CASE("What a full disk did not take is lost at the stop, and not once more at the next start",
          "[keeper]") {
  small_world world(store::overflow_policy::drop_newest);
  while (world.offer(0, level::received, 200) == offer_verdict::accepted) world.work();
  world.stop();
  world.disk.fail_call(fake_file_system::call::any, 1, EIO);
  world.start();
  std::vector<store::sequence> taken;
  for (int i = 0; i < 3; ++i) {
    REQUIRE(world.offer(0, level::received, 200) == offer_verdict::accepted);
    taken.push_back(world.box->queue().last_number());
  }
  world.pass(2s);
  world.work();
  REQUIRE(world.keeper().is_full());
  // A number that the journal has to know, behind two that it never had.
  REQUIRE(world.box->drop(std::span(taken).last(1)).size() == 1);
  world.work();
  CHECK(world.stop().lost_events == 2);
  world.start();
  CHECK(world.keeper().recovery()->lost.empty());
}

}  // namespace vibes::test
