#include <catch2/catch.hpp>

#include "daemon/journal/journal_errc.hpp"
#include "tests/unit/journal/journal_support.hpp"

namespace vibes::test {
namespace {

using journal::journal_errc;

TEST_CASE("Events come back after a restart as they were, in order", "[journal]") {
  fake_file_system disk;
  {
    journal::journal first(disk, small_limits(), writer);
    REQUIRE(first.open().has_value());
    REQUIRE(!first.append(group_of(1, 5), wall_clock_us));
    REQUIRE(!first.append(group_of(6, 100), wall_clock_us));
    REQUIRE(!first.sync(wall_clock_us));
    CHECK(first.durable_through() == 100);
  }
  journal::journal again(disk, small_limits(), writer);
  const auto report = again.open();
  REQUIRE(report.has_value());
  CHECK(report->live_events == 100);
  CHECK(report->lost.empty());
  CHECK(report->damaged_bytes == 0);
  CHECK(report->tail_bytes == 0);
  CHECK(again.next_sequence() == 101);
  const auto events = read_all(again);
  REQUIRE(events.size() == 100);
  for (std::uint64_t i = 1; i <= 100; ++i) CHECK(events[i - 1] == expected_event(i, text_for(i)));
  CHECK(disk.open_files() == 0);
}

TEST_CASE("What is settled does not come back, and its segments go", "[journal]") {
  fake_file_system disk;
  journal::journal first(disk, small_limits(), writer);
  REQUIRE(first.open().has_value());
  for (std::uint64_t at = 1; at < 400; at += 10) {
    REQUIRE(!first.append(group_of(at, at + 9), wall_clock_us));
  }
  REQUIRE(!first.sync(wall_clock_us));
  const std::uint64_t segments = first.usage().segments;
  CHECK(segments > 5);
  REQUIRE(!first.release(set_of({{1, 200}, {301, 400}}), wall_clock_us));
  REQUIRE(!first.sync(wall_clock_us));
  CHECK(first.usage().segments < segments / 2 + 2);

  journal::journal again(disk, small_limits(), writer);
  REQUIRE(again.open().has_value());
  const auto left = sequences_in(read_all(again));
  REQUIRE(left.size() == 100);
  CHECK(left.front() == 201);
  CHECK(left.back() == 300);
  CHECK(again.next_sequence() == 401);
}

TEST_CASE("One stuck partition costs the space of its own events only", "[journal]") {
  fake_file_system disk;
  journal::journal kept(disk, small_limits(), writer);
  REQUIRE(kept.open().has_value());
  journal::sequence_set stuck;
  for (std::uint64_t at = 1; at <= 20'000; at += 20) {
    REQUIRE(!kept.append(group_of(at, at + 19), wall_clock_us));
    journal::sequence_set committed({at, at + 19});
    if (at % 1'000 == 1) {
      committed.subtract(set_of({{at, at}}));
      stuck.add(at);
    }
    REQUIRE(!kept.release(committed, wall_clock_us));
    REQUIRE(!kept.sync(wall_clock_us));
    REQUIRE(disk.total_bytes() <= small_limits().bytes_max);
  }
  CHECK(kept.live() == stuck);
  CHECK(kept.usage().moved_events > 0);
  CHECK(kept.usage().bytes < 12 * small_limits().segment_bytes);

  journal::journal again(disk, small_limits(), writer);
  REQUIRE(again.open().has_value());
  const auto events = read_all(again);
  REQUIRE(events.size() == stuck.count());
  for (const read_event& each : events) {
    CHECK(each == expected_event(each.sequence, text_for(each.sequence)));
  }
}

TEST_CASE("A full journal refuses events, takes releases, and then takes events again",
          "[journal]") {
  fake_file_system disk;
  journal::journal full(disk, small_limits(), writer);
  REQUIRE(full.open().has_value());
  std::uint64_t next = 1;
  error_code refused;
  while (!refused) {
    refused = full.append(group_of(next, next + 9), wall_clock_us);
    if (!refused) next += 10;
  }
  CHECK(refused == journal_errc::no_room);
  CHECK(full.is_open());
  REQUIRE(!full.sync(wall_clock_us));
  CHECK(full.durable_through() < next + 10);
  // Every other event goes: no segment is empty, all of them have to be moved together.
  for (std::uint64_t each = 1; each < next; each += 2) {
    REQUIRE(!full.release(journal::sequence_set({each, each}), wall_clock_us));
    REQUIRE(disk.total_bytes() <= small_limits().bytes_max);
  }
  CHECK(full.usage().unwritten_releases == 0);
  REQUIRE(!full.append(group_of(next, next + 9), wall_clock_us));
  CHECK(full.usage().moved_events > 0);
  REQUIRE(!full.sync(wall_clock_us));
  CHECK(full.durable_through() == next + 9);
  CHECK(disk.total_bytes() <= small_limits().bytes_max);
}

TEST_CASE("A journal full of events has room for a batch of them", "[journal]") {
  fake_file_system disk;
  const journal::recorded_batch sent = batch_of({{2, 2}, {5, 9}});
  {
    journal::journal full(disk, small_limits(), writer);
    REQUIRE(full.open().has_value());
    for (std::uint64_t next = 1; !full.append(group_of(next, next), wall_clock_us); ++next) {
    }
    journal::record_group batch;
    batch.add(sent);
    REQUIRE(!full.append(std::move(batch), wall_clock_us));
    REQUIRE(!full.sync(wall_clock_us));
    CHECK(disk.total_bytes() <= small_limits().bytes_max);
  }
  journal::journal again(disk, small_limits(), writer);
  REQUIRE(again.open().has_value());
  REQUIRE(again.batches().size() == 1);
  CHECK(again.batches()[0].record == sent);
}

TEST_CASE("A smaller cap takes effect as space is freed", "[journal]") {
  fake_file_system disk;
  {
    journal::journal large(disk, small_limits(), writer);
    REQUIRE(large.open().has_value());
    REQUIRE(!large.append(group_of(1, 500), wall_clock_us));
    REQUIRE(!large.sync(wall_clock_us));
  }
  journal::journal_limits smaller = small_limits();
  smaller.bytes_max = 16 << 10;
  smaller.reserve_bytes = 4 << 10;
  journal::journal small(disk, smaller, writer);
  REQUIRE(small.open().has_value());
  CHECK(read_all(small).size() == 500);
  CHECK(small.append(group_of(501, 510), wall_clock_us) == journal_errc::no_room);
  REQUIRE(!small.release(set_of({{1, 490}}), wall_clock_us));
  REQUIRE(!small.sync(wall_clock_us));
  CHECK(small.usage().unwritten_releases == 0);
  REQUIRE(!small.append(group_of(501, 510), wall_clock_us));
  CHECK(small.usage().bytes_cap == smaller.bytes_max);
  CHECK(small.usage().bytes <= smaller.bytes_max);
}

TEST_CASE("A batch is formed again as it was sent, until its last event is settled", "[journal]") {
  fake_file_system disk;
  const journal::recorded_batch sent = batch_of({{2, 2}, {5, 9}, {20, 30}});
  {
    journal::journal first(disk, small_limits(), writer);
    REQUIRE(first.open().has_value());
    journal::record_group group = group_of(1, 40);
    group.add(sent);
    group.add(batch_of({{1, 1}, {3, 3}}));
    REQUIRE(!first.append(std::move(group), wall_clock_us));
    REQUIRE(!first.release(set_of({{1, 1}, {3, 3}}), wall_clock_us));
    REQUIRE(!first.append(group_of(41, 400), wall_clock_us));  // several segments later
    REQUIRE(!first.sync(wall_clock_us));
  }
  journal::journal again(disk, small_limits(), writer);
  REQUIRE(again.open().has_value());
  REQUIRE(again.batches().size() == 1);
  CHECK(again.batches()[0].record == sent);
  CHECK(again.batches()[0].whole());
  REQUIRE(!again.release(set_of({{5, 6}}), wall_clock_us));
  CHECK_FALSE(again.batches()[0].whole());
  journal::record_group split;
  split.add(batch_of({{2, 2}, {7, 9}}));
  REQUIRE(!again.append(std::move(split), wall_clock_us));
  REQUIRE(again.batches().size() == 1);
  CHECK(again.batches()[0].whole());
  journal::record_group dissolved;
  journal::recorded_batch gone = batch_of({{2, 2}});
  gone.dissolved = true;
  dissolved.add(gone);
  REQUIRE(!again.append(std::move(dissolved), wall_clock_us));
  CHECK(again.batches().empty());
}

TEST_CASE("A directory that somebody else uses is locked", "[journal]") {
  fake_file_system disk;
  disk.set_locked_elsewhere(true);
  journal::journal second(disk, small_limits(), writer);
  CHECK(second.open().error() == journal_errc::locked);
  CHECK(disk.contents().empty());
}

TEST_CASE("A queue that has run for a while may begin in a new directory", "[journal]") {
  fake_file_system disk;
  {
    journal::journal first(disk, small_limits(), writer);
    REQUIRE(first.open().has_value());
    REQUIRE(!first.append(group_of(5'000, 5'010), wall_clock_us));
    REQUIRE(!first.sync(wall_clock_us));
  }
  journal::journal again(disk, small_limits(), writer);
  const auto report = again.open();
  REQUIRE(report.has_value());
  CHECK(report->lost.empty());
  CHECK(report->live_events == 11);
}

TEST_CASE("Reading back keeps to its limits, and reads a larger event alone", "[journal]") {
  fake_file_system disk;
  journal::journal kept(disk, journal::journal_limits_for(64 << 20), writer);
  REQUIRE(kept.open().has_value());
  journal::record_group group = group_of(1, 10);
  group.add(event_of(11, std::string(3 << 20, 'x')));
  group.add(event_of(12, "{}"));
  REQUIRE(!kept.append(std::move(group), wall_clock_us));
  auto read = kept.read(1, {4, 1 << 20});
  REQUIRE(read.has_value());
  CHECK(read->events.events() == 4);
  CHECK(read->next == 5);
  read = kept.read(5, {100, 1'000});
  REQUIRE(read.has_value());
  CHECK(read->next == 11);
  read = kept.read(11, {100, 1'000});
  REQUIRE(read.has_value());
  CHECK(read->events.events() == 1);
  CHECK(read->next == 12);
  read = kept.read(12, {100, 1'000});
  REQUIRE(read.has_value());
  CHECK(read->at_end);
}

}  // namespace
}  // namespace vibes::test
