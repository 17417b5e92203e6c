#include <catch2/catch.hpp>
#include <cerrno>

#include "daemon/journal/journal_errc.hpp"
#include "daemon/journal/journal_job.hpp"
#include "tests/unit/journal/journal_support.hpp"

namespace vibes::test {
namespace {

using namespace journal;
using namespace std::chrono_literals;

const time_point start{};

class worker_fixture {
 public:
  explicit worker_fixture(sync_policy policy)
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
  worker_fixture fixture(sync_policy::every_group);
  CHECK(fixture.opened.is_open);
  REQUIRE(fixture.opened.recovered.has_value());
  CHECK(fixture.opened.next_sequence == 1);
  CHECK(fixture.append(1, 5).durable_through == 5);
  CHECK(fixture.append(6, 6).durable_through == 6);
  CHECK_FALSE(fixture.worker.sync_at().has_value());
}

TEST_CASE("Under interval the sync comes later, at the latest when it is due", "[journal_job]") {
  worker_fixture fixture(sync_policy::interval);
  CHECK(fixture.append(1, 5).durable_through == 0);
  REQUIRE(fixture.worker.sync_at() == start + 100ms);
  const std::uint64_t calls = fixture.disk.calls();
  fixture.append(6, 6, start + 50ms);
  CHECK(fixture.worker.sync_at() == start + 100ms);
  CHECK(fixture.disk.calls() == calls + 1);
  CHECK(fixture.kept.durable_through() == 0);
  fixture.worker.execute({}, start + 100ms, wall_clock_us);
  CHECK(fixture.kept.durable_through() == 6);
  CHECK_FALSE(fixture.worker.sync_at().has_value());
}

TEST_CASE("A look is a job of its own, and does nothing else", "[journal_job]") {
  worker_fixture fixture(sync_policy::interval);
  fixture.append(1, 5);
  const std::uint64_t changes = fixture.disk.changing_calls();
  journal_job peek;
  peek.peek = {3, {2, 1 << 20}};
  // Long after the sync is due.
  const journal_outcome outcome =
      fixture.worker.execute(std::move(peek), start + 1s, wall_clock_us);
  REQUIRE(outcome.peeked.has_value());
  REQUIRE(outcome.peeked->has_value());
  std::vector<read_event> seen;
  take_events(**outcome.peeked, seen);
  CHECK(sequences_in(seen) == std::vector<std::uint64_t>{3, 4});
  CHECK_FALSE(outcome.read.has_value());
  CHECK(fixture.disk.changing_calls() == changes);
  CHECK(fixture.worker.sync_at() == start + 100ms);
}

TEST_CASE("What a look cannot read now is not lost for later", "[journal_job]") {
  worker_fixture fixture(sync_policy::every_group);
  fixture.append(1, 200);
  const auto peek = [&] {
    journal_job job;
    job.peek = {1, {1'000, 1 << 20}};
    return **fixture.worker.execute(std::move(job), start, wall_clock_us).peeked;
  };
  for (const auto& [name, bytes] : fixture.disk.contents()) {
    if (segment_id_of(name) != 0) fixture.disk.set_unreadable(name, 0, bytes.size());
  }
  const backlog_events poor = peek();
  CHECK(poor.lost.count() > 0);
  CHECK(poor.events.events() + poor.lost.count() == 200);
  CHECK(fixture.kept.usage().live_events == 200);
  fixture.disk.set_unreadable("", 0, 0);
  CHECK(peek().events.events() == 200);
  CHECK(read_all(fixture.kept).size() == 200);
}

TEST_CASE("A failure is told once, later events are refused, and opening again mends it",
          "[journal_job]") {
  worker_fixture fixture(sync_policy::every_group);
  fixture.append(1, 5);
  fixture.disk.fail_call(fake_file_system::call::sync, 0, EIO);
  const journal_outcome failed = fixture.append(6, 8);
  CHECK(failed.write_error.value() == EIO);
  CHECK_FALSE(failed.is_open);
  CHECK(failed.durable_through == 5);
  CHECK(fixture.append(9, 9).write_error == journal_errc::not_open);
  journal_job settle;
  settle.settled = set_of({{1, 2}});
  CHECK(!fixture.worker.execute(std::move(settle), start, wall_clock_us).write_error);

  journal_job again;
  again.open = true;
  again.records = group_of(3, 9);
  const journal_outcome mended = fixture.worker.execute(std::move(again), start, wall_clock_us);
  CHECK(mended.is_open);
  REQUIRE(mended.recovered.has_value());
  CHECK(mended.durable_through == 9);
  CHECK(sequences_in(read_all(fixture.kept)) == std::vector<std::uint64_t>{3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("What was refused holds the durable mark back until it is there", "[journal_job]") {
  worker_fixture fixture(sync_policy::every_group);
  const std::string large(60'000, 'x');
  journal_job job;
  job.records.add(event_of(1, large));
  CHECK(fixture.worker.execute(std::move(job), start, wall_clock_us).write_error ==
        journal_errc::no_room);
  const journal_outcome next = fixture.append(2, 4);
  CHECK(!next.write_error);
  CHECK(next.durable_through == 0);
  journal_job settle;
  settle.settled = set_of({{1, 1}});
  CHECK(fixture.worker.execute(std::move(settle), start, wall_clock_us).durable_through == 4);
}

TEST_CASE("A journal that has failed is not asked to sync again and again", "[journal_job]") {
  worker_fixture fixture(sync_policy::interval);
  fixture.append(1, 5);
  fixture.disk.fail_call(fake_file_system::call::sync, 0, EIO);
  CHECK(fixture.worker.execute({}, start + 100ms, wall_clock_us).write_error.value() == EIO);
  CHECK_FALSE(fixture.worker.sync_at().has_value());
}

TEST_CASE("A job may read, after what it writes", "[journal_job]") {
  worker_fixture fixture(sync_policy::never);
  journal_job job;
  job.records = group_of(1, 9);
  job.read = journal_job::read_request{1, {100, 1 << 20}};
  const journal_outcome outcome = fixture.worker.execute(std::move(job), start, wall_clock_us);
  REQUIRE(outcome.read.has_value());
  REQUIRE(outcome.read->has_value());
  CHECK((*outcome.read)->events.events() == 9);
  CHECK((*outcome.read)->at_end);
}

TEST_CASE("In one job what is settled goes before what is written", "[journal_job]") {
  worker_fixture fixture(sync_policy::every_group);
  fixture.append(1, 5);
  // Written anew, as after a disk that came back with an older state.
  journal_job job;
  job.settled = set_of({{2, 4}});
  job.records = group_of(3, 3);
  REQUIRE(!fixture.worker.execute(std::move(job), start, wall_clock_us).write_error);
  CHECK(sequences_in(read_all(fixture.kept)) == std::vector<std::uint64_t>{1, 3, 5});
  fake_file_system after;
  after.put_all(fixture.disk.contents());
  vibes::journal::journal again(after, small_limits(), writer);
  REQUIRE(again.open().has_value());
  CHECK(sequences_in(read_all(again)) == std::vector<std::uint64_t>{1, 3, 5});
}

TEST_CASE("An opening tells how old its oldest event is, and what the last run has noted",
          "[journal_job]") {
  worker_fixture fixture(sync_policy::every_group);
  CHECK(fixture.opened.oldest_us == 0);
  CHECK(**fixture.opened.note == "");
  fixture.append(1, 5);
  journal_job last;
  last.settled = set_of({{1, 2}});
  last.sync = true;
  fixture.worker.execute(std::move(last), start, wall_clock_us);
  journal_job note;
  note.note = "left in peace";
  const std::uint64_t segments = fixture.kept.usage().bytes;
  CHECK(!*fixture.worker.execute(std::move(note), start, wall_clock_us).noted);
  CHECK(fixture.kept.usage().bytes == segments);

  fake_file_system after;
  after.put_all(fixture.disk.contents());
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
