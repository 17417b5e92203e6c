#include <cerrno>

#include <catch2/catch.hpp>

#include "tests/unit/journal/damage_support.hpp"
#include "tests/unit/store/scheduler_simulation.hpp"

// What the scheduler makes of a disk that does not do what it should, and of a directory with
// damage.

namespace vibes::test {
namespace {

using level = scheduler_simulation::level;
using answer = scheduler_simulation::answer;

/// Numbered producers, so that batches are written before they are sent; events of one session.
class recording_simulation : public scheduler_simulation {
 public:
  recording_simulation() : scheduler_simulation(rules_of()) {
    start();
    for (int i = 0; i < 4; ++i) offer(0, level::durable);
    work();
    link_up();
  }

 private:
  static simulation_rules rules_of() {
    simulation_rules made;
    made.generation = protocol::generation::iggy_0_10;
    return made;
  }
};

/// 50 durable events on disk, of which memory has four.
class backlog_simulation : public scheduler_simulation {
 public:
  explicit backlog_simulation(int events = 50)
      : scheduler_simulation(small_memory_rules(store::overflow_policy::block)) {
    start();
    for (int i = 0; i < events; ++i) {
      promise(offer(0, level::received) == offer_verdict::accepted, "there is room");
    }
    work();
  }
  const store::journal_scheduler& scheduler() const { return box->journal(); }
  void let_releases_go() {
    work();
    pass(1s);
    work();
  }
};

/// Spoils the record of the event whose payload has this text.
void spoil_event(fake_file_system& disk, const std::string& text) {
  for (const auto& [name, bytes] : disk.contents()) {
    const auto wanted = std::as_bytes(std::span(text));
    const auto found = std::ranges::search(bytes, wanted);
    if (found.empty()) continue;
    disk.bytes_of(name)[static_cast<std::size_t>(found.begin() - bytes.begin())] ^= std::byte{1};
    return;
  }
  throw std::runtime_error("no event has " + text);
}

}  // namespace

TEST_CASE("A stop whose disk does not answer counts each event once", "[scheduler]") {
  backlog_simulation simulation;
  for (int i = 0; i < 5; ++i) simulation.offer(0, level::received);
  REQUIRE(simulation.take_job());
  for (int i = 0; i < 3; ++i) simulation.offer(0, level::received);
  // The journal's thread is still at its job when the stop has waited for long enough.
  const store::left_behind left = simulation.box->give_up_rest();
  CHECK(left.events_on_disk == 55);
  CHECK(left.lost_events == 3);
  CHECK(simulation.box->losses().of(store::loss_reason::left_at_stop) == 3);
  CHECK(sums_up(*simulation.box));
}

TEST_CASE("A batch whose job failed goes out, and is not taken for a recorded one", "[scheduler]") {
  recording_simulation simulation;
  REQUIRE(simulation.send());
  REQUIRE(simulation.take_job());
  SECTION("at a write") {
    simulation.disk.fail_call(fake_file_system::call::write, 0, EIO);
  }
  SECTION("at the sync") {
    simulation.disk.fail_call(fake_file_system::call::sync, 0, EIO);
  }
  simulation.do_job();
  REQUIRE(simulation.box->journal().health().state() == store::journal_state::failed);
  std::optional<store::batch> sent = simulation.box->next_batch(simulation.now, {true, true});
  REQUIRE(sent);
  CHECK(sent->recorded == store::batch_recorded::maybe);
  CHECK(simulation.box->journal().status().counters.recorded_batches == 0);
  // Returned, it is recorded before it is sent again.
  simulation.box->returned(std::move(*sent));
  simulation.pass(2s);
  simulation.work();
  REQUIRE(simulation.send());
  CHECK(simulation.sends() == 0);
  simulation.work();
  CHECK(simulation.box->journal().status().counters.recorded_batches == 1);
}

TEST_CASE("A batch that is not whole any more is formed anew", "[scheduler]") {
  recording_simulation simulation;
  REQUIRE(simulation.send());
  simulation.work();
  REQUIRE(simulation.box->journal().status().counters.recorded_batches == 1);
  simulation.kill();
  spoil_event(simulation.disk, "{\"n\":2}");
  simulation.start();
  CHECK(simulation.box->losses().of(store::loss_reason::journal_damage) == 1);
  simulation.work();
  simulation.link_up();
  const std::optional<store::batch> next = simulation.box->next_batch(simulation.now, {true, true});
  REQUIRE(next);
  CHECK(next->entries.size() == 3);
  CHECK_FALSE(next->producer.has_value());
  CHECK(next->attempts == 1);
  simulation.box->returned(store::batch(*next));
}

TEST_CASE("What one start misses the next one does not miss again", "[scheduler]") {
  backlog_simulation simulation;
  simulation.kill();
  spoil_event(simulation.disk, "{\"n\":7}");
  simulation.start();
  REQUIRE(simulation.box->losses().of(store::loss_reason::journal_damage) == 1);
  simulation.let_releases_go();
  simulation.kill();
  simulation.start();
  CHECK(simulation.scheduler().status().recovery->lost.empty());
  CHECK(simulation.box->losses().total() == 0);
  CHECK(simulation.scheduler().status().counters.recovered_events == 49);
}

TEST_CASE("What could not be read back is settled, and is no later start's", "[scheduler]") {
  backlog_simulation simulation;
  const directory_contents files = simulation.disk.contents();
  const std::string first = segments_of(files).front();
  simulation.disk.set_unreadable(first, 1'000, 1'001);
  simulation.drain();
  const std::uint64_t lost = simulation.box->losses().of(store::loss_reason::journal_damage);
  REQUIRE(lost > 0);
  CHECK(simulation.box->counters().committed_events == 50 - lost);
  simulation.let_releases_go();
  simulation.kill();
  simulation.disk.set_unreadable("", 0, 0);
  simulation.start();
  CHECK(simulation.scheduler().status().counters.recovered_events == 0);
  CHECK(simulation.box->losses().total() == 0);
}

TEST_CASE("A stop reads nothing of the backlog, and keeps nothing of it", "[scheduler]") {
  backlog_simulation simulation;
  REQUIRE(simulation.box->drop_up_to(4, 4) == 4);
  const std::uint64_t read = simulation.scheduler().status().counters.read_back_events;
  REQUIRE(simulation.scheduler().spilled().front_on_disk().has_value());
  std::optional<journal::journal_job> job = simulation.box->next_journal_job(simulation.now, true);
  REQUIRE(job);
  CHECK_FALSE(job->read.has_value());
  journal::journal_outcome outcome;
  outcome.is_open = true;
  outcome.usage = simulation.scheduler().space().usage();
  simulation.box->journal_done(std::move(outcome), simulation.now);
  CHECK(simulation.scheduler().status().counters.read_back_events == read);
  CHECK(simulation.box->journal_flushed());
  const store::left_behind left = simulation.box->give_up_rest();
  CHECK(left.events_on_disk == 46);
  CHECK(left.lost_events == 0);
  CHECK(simulation.box->queued_events() == 0);
  CHECK(simulation.scheduler().spilled().empty());
}

TEST_CASE("A stop on a disk that has failed reads nothing of the backlog", "[scheduler]") {
  backlog_simulation simulation;
  simulation.disk.fail_call(fake_file_system::call::write, 0, EIO);
  REQUIRE(simulation.box->drop_up_to(4, 4) == 4);
  simulation.work();
  REQUIRE(simulation.scheduler().health().state() == store::journal_state::failed);
  simulation.pass(1s);
  const auto job = simulation.box->next_journal_job(simulation.now, true);
  CHECK((!job || !job->read));
}

}  // namespace vibes::test
