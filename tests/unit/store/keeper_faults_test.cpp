#include <cerrno>

#include <catch2/catch.hpp>

#include "tests/unit/journal/damage_kit.hpp"
#include "tests/unit/store/keeper_world.hpp"

// What the keeper makes of a disk that does not do what it should, and of a directory with damage.

namespace vibes::test {
namespace {

using level = keeper_world::level;
using answer = keeper_world::answer;

/// Numbered producers, so that batches are written before they are sent; events of one session.
class recording_world : public keeper_world {
 public:
  recording_world() : keeper_world(rules_of()) {
    start();
    for (int i = 0; i < 4; ++i) offer(0, level::durable);
    work();
    link_up();
  }

 private:
  static world_rules rules_of() {
    world_rules made;
    made.generation = protocol::generation::vsr_0_12;
    return made;
  }
};

/// 50 durable events on disk, of which memory has four.
class backlog_world : public keeper_world {
 public:
  explicit backlog_world(int events = 50)
      : keeper_world(small_memory_rules(store::overflow_policy::block)) {
    start();
    for (int i = 0; i < events; ++i) {
      promise(offer(0, level::received) == offer_verdict::accepted, "there is room");
    }
    work();
  }
  const store::journal_keeper& keeper() const { return box->journal(); }
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

TEST_CASE("A batch whose job failed goes out, and is not taken for a recorded one", "[keeper]") {
  recording_world world;
  REQUIRE(world.send());
  REQUIRE(world.take_job());
  SECTION("at a write") {
    world.disk.fail_call(fake_file_system::call::write, 0, EIO);
  }
  SECTION("at the sync") {
    world.disk.fail_call(fake_file_system::call::sync, 0, EIO);
  }
  world.do_job();
  REQUIRE(world.box->journal().state() == store::journal_state::failed);
  std::optional<store::batch> sent = world.box->next_batch(world.now, {true, true});
  REQUIRE(sent);
  CHECK(sent->recorded == store::batch_recorded::maybe);
  CHECK(world.box->journal().counters().recorded_batches == 0);
  // Returned, it is recorded before it is sent again.
  world.box->returned(std::move(*sent));
  world.pass(2s);
  world.work();
  REQUIRE(world.send());
  CHECK(world.sends() == 0);
  world.work();
  CHECK(world.box->journal().counters().recorded_batches == 1);
}

TEST_CASE("A batch that is not whole any more is formed anew", "[keeper]") {
  recording_world world;
  REQUIRE(world.send());
  world.work();
  REQUIRE(world.box->journal().counters().recorded_batches == 1);
  world.kill();
  spoil_event(world.disk, "{\"n\":2}");
  world.start();
  CHECK(world.box->losses().of(store::loss_reason::journal_damage) == 1);
  world.work();
  world.link_up();
  const std::optional<store::batch> next = world.box->next_batch(world.now, {true, true});
  REQUIRE(next);
  CHECK(next->entries.size() == 3);
  CHECK_FALSE(next->producer.has_value());
  CHECK(next->attempts == 1);
  world.box->returned(store::batch(*next));
}

TEST_CASE("What one start misses the next one does not miss again", "[keeper]") {
  backlog_world world;
  world.kill();
  spoil_event(world.disk, "{\"n\":7}");
  world.start();
  REQUIRE(world.box->losses().of(store::loss_reason::journal_damage) == 1);
  world.let_releases_go();
  world.kill();
  world.start();
  CHECK(world.keeper().recovery()->lost.empty());
  CHECK(world.box->losses().total() == 0);
  CHECK(world.keeper().counters().recovered_events == 49);
}

TEST_CASE("What could not be read back is settled, and is no later start's", "[keeper]") {
  backlog_world world;
  const directory_contents files = world.disk.contents();
  const std::string first = segments_of(files).front();
  world.disk.set_unreadable(first, 1'000, 1'001);
  world.drain();
  const std::uint64_t lost = world.box->losses().of(store::loss_reason::journal_damage);
  REQUIRE(lost > 0);
  CHECK(world.box->counters().committed_events == 50 - lost);
  world.let_releases_go();
  world.kill();
  world.disk.set_unreadable("", 0, 0);
  world.start();
  CHECK(world.keeper().counters().recovered_events == 0);
  CHECK(world.box->losses().total() == 0);
}

TEST_CASE("A stop reads nothing of the backlog, and keeps nothing of it", "[keeper]") {
  backlog_world world;
  REQUIRE(world.box->drop_up_to(4, 4) == 4);
  const std::uint64_t read = world.keeper().counters().read_back_events;
  REQUIRE(world.keeper().tail().front_on_disk().has_value());
  std::optional<journal::journal_job> job = world.box->next_journal_job(world.now, true);
  REQUIRE(job);
  CHECK_FALSE(job->read.has_value());
  journal::journal_outcome outcome;
  outcome.is_open = true;
  outcome.usage = world.keeper().usage();
  world.box->journal_done(std::move(outcome), world.now);
  CHECK(world.keeper().counters().read_back_events == read);
  CHECK(world.box->journal_flushed());
  const store::left_behind left = world.box->give_up_rest();
  CHECK(left.events_on_disk == 46);
  CHECK(left.lost_events == 0);
  CHECK(world.box->queued_events() == 0);
  CHECK(world.keeper().tail().empty());
}

TEST_CASE("A stop on a disk that has failed reads nothing of the backlog", "[keeper]") {
  backlog_world world;
  world.disk.fail_call(fake_file_system::call::write, 0, EIO);
  REQUIRE(world.box->drop_up_to(4, 4) == 4);
  world.work();
  REQUIRE(world.keeper().state() == store::journal_state::failed);
  world.pass(1s);
  const auto job = world.box->next_journal_job(world.now, true);
  CHECK((!job || !job->read));
}

}  // namespace vibes::test
