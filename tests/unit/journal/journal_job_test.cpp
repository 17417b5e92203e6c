#include <catch2/catch.hpp>
#include <cerrno>

#include "daemon/journal/journal_errc.hpp"
#include "daemon/journal/journal_job.hpp"
#include "tests/unit/journal/journal_kit.hpp"

namespace vibes::test {
namespace {

using namespace journal;
using namespace std::chrono_literals;

const time_point start{};

class worker_world {
 public:
  explicit worker_world(sync_policy policy)
      : kept(disk, with(policy), writer), worker(kept, 100ms) {
    journal_job open;
    open.open = true;
    opened = worker.execute(std::move(open), start, wall_clock_us);
  }
  journal_outcome append(std::uint64_t first, std::uint64_t last, time_point now = start) {
    journal_job job;
    job.records = group_of(first, last);
    return worker.execute(std::move(job), now, wall_clock_us);
  }
  static journal_limits with(sync_policy policy) {
    journal_limits limits = small_limits();
    limits.sync = policy;
    return limits;
  }
  fake_file_system disk;
  vibes::journal::journal kept;
  journal_worker worker;
  journal_outcome opened;
};

TEST_CASE("Under every_group a group is durable when its job is done", "[journal_job]") {
  worker_world world(sync_policy::every_group);
  CHECK(world.opened.is_open);
  REQUIRE(world.opened.recovered.has_value());
  CHECK(world.opened.next_sequence == 1);
  CHECK(world.append(1, 5).durable_through == 5);
  CHECK(world.append(6, 6).durable_through == 6);
  CHECK_FALSE(world.worker.sync_at().has_value());
}

TEST_CASE("Under interval the sync comes later, at the latest when it is due", "[journal_job]") {
  worker_world world(sync_policy::interval);
  CHECK(world.append(1, 5).durable_through == 0);
  REQUIRE(world.worker.sync_at() == start + 100ms);
  const std::uint64_t calls = world.disk.calls();
  world.append(6, 6, start + 50ms);
  CHECK(world.worker.sync_at() == start + 100ms);
  CHECK(world.disk.calls() == calls + 1);
  CHECK(world.kept.durable_through() == 0);
  world.worker.execute({}, start + 100ms, wall_clock_us);
  CHECK(world.kept.durable_through() == 6);
  CHECK_FALSE(world.worker.sync_at().has_value());
}

TEST_CASE("A look is a job of its own, and does nothing else", "[journal_job]") {
  worker_world world(sync_policy::interval);
  world.append(1, 5);
  const std::uint64_t changes = world.disk.changing_calls();
  journal_job look;
  look.look = {3, {2, 1 << 20}};
  // Long after the sync is due.
  const journal_outcome outcome = world.worker.execute(std::move(look), start + 1s, wall_clock_us);
  REQUIRE(outcome.looked.has_value());
  REQUIRE(outcome.looked->has_value());
  std::vector<read_event> seen;
  take_events(**outcome.looked, seen);
  CHECK(sequences_in(seen) == std::vector<std::uint64_t>{3, 4});
  CHECK_FALSE(outcome.read.has_value());
  CHECK(world.disk.changing_calls() == changes);
  CHECK(world.worker.sync_at() == start + 100ms);
}

TEST_CASE("What a look cannot read now is not lost for later", "[journal_job]") {
  worker_world world(sync_policy::every_group);
  world.append(1, 200);
  const auto look = [&] {
    journal_job job;
    job.look = {1, {1'000, 1 << 20}};
    return **world.worker.execute(std::move(job), start, wall_clock_us).looked;
  };
  for (const auto& [name, bytes] : world.disk.contents()) {
    if (segment_id_of(name) != 0) world.disk.set_unreadable(name, 0, bytes.size());
  }
  const backlog_events poor = look();
  CHECK(poor.lost.count() > 0);
  CHECK(poor.events.events() + poor.lost.count() == 200);
  CHECK(world.kept.usage().live_events == 200);
  world.disk.set_unreadable("", 0, 0);
  CHECK(look().events.events() == 200);
  CHECK(read_all(world.kept).size() == 200);
}

TEST_CASE("A failure is told once, later events are refused, and opening again mends it",
          "[journal_job]") {
  worker_world world(sync_policy::every_group);
  world.append(1, 5);
  world.disk.fail_call(fake_file_system::call::sync, 0, EIO);
  const journal_outcome failed = world.append(6, 8);
  CHECK(failed.write_error.value() == EIO);
  CHECK_FALSE(failed.is_open);
  CHECK(failed.durable_through == 5);
  CHECK(world.append(9, 9).write_error == journal_errc::not_open);
  journal_job settle;
  settle.settled = set_of({{1, 2}});
  CHECK(!world.worker.execute(std::move(settle), start, wall_clock_us).write_error);

  journal_job again;
  again.open = true;
  again.records = group_of(3, 9);
  const journal_outcome mended = world.worker.execute(std::move(again), start, wall_clock_us);
  CHECK(mended.is_open);
  REQUIRE(mended.recovered.has_value());
  CHECK(mended.durable_through == 9);
  CHECK(sequences_in(read_all(world.kept)) == std::vector<std::uint64_t>{3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("What was refused holds the durable mark back until it is there", "[journal_job]") {
  worker_world world(sync_policy::every_group);
  const std::string large(60'000, 'x');
  journal_job job;
  job.records.add(event_of(1, large));
  CHECK(world.worker.execute(std::move(job), start, wall_clock_us).write_error ==
        journal_errc::no_room);
  const journal_outcome next = world.append(2, 4);
  CHECK(!next.write_error);
  CHECK(next.durable_through == 0);
  journal_job settle;
  settle.settled = set_of({{1, 1}});
  CHECK(world.worker.execute(std::move(settle), start, wall_clock_us).durable_through == 4);
}

TEST_CASE("A journal that has failed is not asked to sync again and again", "[journal_job]") {
  worker_world world(sync_policy::interval);
  world.append(1, 5);
  world.disk.fail_call(fake_file_system::call::sync, 0, EIO);
  CHECK(world.worker.execute({}, start + 100ms, wall_clock_us).write_error.value() == EIO);
  CHECK_FALSE(world.worker.sync_at().has_value());
}

TEST_CASE("A job may read, after what it writes", "[journal_job]") {
  worker_world world(sync_policy::never);
  journal_job job;
  job.records = group_of(1, 9);
  job.read = journal_job::read_request{1, {100, 1 << 20}};
  const journal_outcome outcome = world.worker.execute(std::move(job), start, wall_clock_us);
  REQUIRE(outcome.read.has_value());
  REQUIRE(outcome.read->has_value());
  CHECK((*outcome.read)->events.events() == 9);
  CHECK((*outcome.read)->at_end);
}

TEST_CASE("In one job what is settled goes before what is written", "[journal_job]") {
  worker_world world(sync_policy::every_group);
  world.append(1, 5);
  // Written anew, as after a disk that came back with an older state.
  journal_job job;
  job.settled = set_of({{2, 4}});
  job.records = group_of(3, 3);
  REQUIRE(!world.worker.execute(std::move(job), start, wall_clock_us).write_error);
  CHECK(sequences_in(read_all(world.kept)) == std::vector<std::uint64_t>{1, 3, 5});
  fake_file_system after;
  after.put_all(world.disk.contents());
  vibes::journal::journal again(after, small_limits(), writer);
  REQUIRE(again.open().has_value());
  CHECK(sequences_in(read_all(again)) == std::vector<std::uint64_t>{1, 3, 5});
}

TEST_CASE("An opening tells how old its oldest event is, and what the last run has noted",
          "[journal_job]") {
  worker_world world(sync_policy::every_group);
  CHECK(world.opened.oldest_us == 0);
  CHECK(**world.opened.note == "");
  world.append(1, 5);
  journal_job last;
  last.settled = set_of({{1, 2}});
  last.sync = true;
  world.worker.execute(std::move(last), start, wall_clock_us);
  journal_job note;
  note.note = "left in peace";
  const std::uint64_t segments = world.kept.usage().bytes;
  CHECK(!*world.worker.execute(std::move(note), start, wall_clock_us).noted);
  CHECK(world.kept.usage().bytes == segments);

  fake_file_system after;
  after.put_all(world.disk.contents());
  vibes::journal::journal again(after, small_limits(), writer);
  journal_job open;
  open.open = true;
  const journal_outcome found = journal_worker(again, 100ms).execute(std::move(open), start, 0);
  CHECK(found.oldest_us == wall_clock_us + 3);
  CHECK(**found.note == "left in peace");
  CHECK(found.recovered->foreign_files == 0);
}

}  // namespace
}  // namespace vibes::test
