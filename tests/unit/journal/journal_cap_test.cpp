#include <catch2/catch.hpp>

#include "daemon/journal/journal_errc.hpp"
#include "tests/unit/journal/damage_support.hpp"

// A cap that was lowered below what the directory holds (docs/journal-format.md, "Space").

namespace vibes::test {
namespace {

/// Limits as the daemon has them, with a gibibyte and with a megabyte and a half.
const journal::journal_limits large_limits = journal::journal_limits_for(1 << 30);
const journal::journal_limits lowered_limits = journal::journal_limits_for(1'500'000);
constexpr std::uint64_t found_events = 6'000;
constexpr std::uint64_t event_bytes = 500 + journal::event_overhead_bytes;

journal::sequence_set sequence_range_to(std::uint64_t last) {
  return set_of({{1, last}});
}

/// Of about half a kibibyte, as on the disk.
journal::record_group large_events(std::uint64_t first, std::uint64_t last) {
  journal::record_group group;
  for (std::uint64_t each = first; each <= last; ++each) {
    group.add(event_of(each, std::string(500, static_cast<char>('a' + each % 26))));
  }
  return group;
}

/// One segment with more than the lowered cap.
void fill_large_segment(fake_file_system& disk) {
  journal::journal large(disk, large_limits, writer);
  REQUIRE(large.open().has_value());
  REQUIRE(!large.append(large_events(1, found_events), wall_clock_us));
  REQUIRE(!large.sync(wall_clock_us));
  REQUIRE(large.usage().segments == 1);
  REQUIRE(large.usage().bytes > 2 * lowered_limits.bytes_max);
}

std::vector<std::uint64_t> sequences_from(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t each = first; each <= last; ++each) all.push_back(each);
  return all;
}

TEST_CASE("Under a lowered cap each new event takes the place of about one old one",
          "[journal][cap]") {
  fake_file_system disk;
  fill_large_segment(disk);
  journal::journal small(disk, lowered_limits, writer);
  REQUIRE(small.open().has_value());
  const std::uint64_t found = small.usage().bytes;
  CHECK(small.append(large_events(found_events + 1, found_events + 1), wall_clock_us) ==
        journal::journal_errc::no_room);
  std::uint64_t settled = 0;
  const std::uint64_t last = found_events + 2'000;
  std::uint64_t room = 0;
  for (std::uint64_t added = found_events + 1; added <= last; ++added) {
    CAPTURE(added, settled);
    // As the scheduler does: also for what the release itself takes.
    for (; room < event_bytes + 64; room += event_bytes) ++settled;
    room -= event_bytes + 64;
    REQUIRE(!small.release(sequence_range_to(settled), wall_clock_us));
    error_code error = small.append(large_events(added, added), wall_clock_us);
    // What the beginnings of small segments take when the large one was emptied.
    for (int more = 0; error && more < 4; ++more) {
      settled += 8;
      REQUIRE(!small.release(sequence_range_to(settled), wall_clock_us));
      error = small.append(large_events(added, added), wall_clock_us);
    }
    REQUIRE(!error);
    REQUIRE(!small.sync(wall_clock_us));
    REQUIRE(small.usage().bytes <= found + lowered_limits.reserve_bytes);
    REQUIRE(small.usage().bytes == disk.total_bytes());
  }
  CHECK(settled < 2'300);
  CHECK(small.usage().moved_events > 0);
  CHECK(small.take_lost().empty());
  CHECK(sequences_in(read_all(small, {1'000, 1 << 20})) == sequences_from(settled + 1, last));
  journal::journal again(disk, lowered_limits, writer);
  const auto report = again.open();
  REQUIRE(report.has_value());
  CHECK(report->lost.empty());
  CHECK(report->damaged_bytes + report->tail_bytes == 0);
  CHECK(sequences_in(read_all(again, {1'000, 1 << 20})) == sequences_from(settled + 1, last));
}

/// 400 events settled at its beginning, and more new ones than are lent room.
error_code empty_large_segment(journal::journal& small) {
  if (const auto error = small.release(set_of({{1, 400}}), wall_clock_us)) return error;
  if (const auto error = small.sync(wall_clock_us)) return error;
  return small.append(large_events(found_events + 1, found_events + 200), wall_clock_us);
}

TEST_CASE("A large segment that is emptied in pieces loses nothing, wherever that is stopped",
          "[journal][cap]") {
  fake_file_system filled;
  fill_large_segment(filled);
  const directory_contents sample = filled.contents();
  const std::string large = segments_of(sample).front();
  std::size_t cut = 0;
  std::size_t emptied = 0;
  for (std::uint64_t calls = 0; calls < 900; calls += 17) {
    std::mt19937_64 random(calls);
    fake_file_system disk;
    disk.put_all(sample);
    {
      journal::journal small(disk, lowered_limits, writer);
      REQUIRE(small.open().has_value());
      disk.stop_after(calls);
      static_cast<void>(empty_large_segment(small));
    }
    calls % 2 == 0 ? disk.crash(random) : disk.process_ends();
    const directory_contents left = disk.contents();
    const bool is_there = left.contains(large);
    cut += is_there && left.at(large).size() < sample.at(large).size() ? 1 : 0;
    emptied += is_there ? 0 : 1;
    journal::journal again(disk, lowered_limits, writer);
    const auto report = again.open();
    CAPTURE(calls);
    REQUIRE(report.has_value());
    // New events that were not synced may be missed after a power failure.
    REQUIRE_FALSE(report->lost.intersects(sequence_range_to(found_events)));
    REQUIRE((calls % 2 == 0 || report->damaged_bytes == 0));
    const auto events = sequences_in(read_all(again, {1'000, 1 << 20}));
    const auto first = std::ranges::find(events, 401U);
    REQUIRE(static_cast<std::uint64_t>(events.end() - first) >= found_events - 400);
    REQUIRE(
        std::equal(first, first + (found_events - 400), sequences_from(401, found_events).begin()));
  }
  CHECK(cut > 5);
  CHECK(emptied > 1);
}

TEST_CASE("What cannot be read of a large segment is lost, and counted", "[journal][cap]") {
  fake_file_system disk;
  fill_large_segment(disk);
  const std::string large = segments_of(disk.contents()).front();
  journal::journal small(disk, lowered_limits, writer);
  REQUIRE(small.open().has_value());
  disk.bytes_of(large)[disk.bytes_of(large).size() / 2] ^= std::byte{0x55};
  REQUIRE(!empty_large_segment(small));
  CHECK_FALSE(disk.contents().contains(large));
  CHECK(small.take_lost().count() == 1);
  CHECK(read_all(small, {1'000, 1 << 20}).size() == found_events - 400 + 200 - 1);
}

}  // namespace
}  // namespace vibes::test
