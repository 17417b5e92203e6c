#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/unit/journal/damage_support.hpp"

// Segments whose beginning was never finished (docs/journal-format.md, "Reading it back").

namespace vibes::test {
namespace {

/// A directory whose last segment is a beginning alone, with a checkpoint that says more than all
/// before it: of events 1 to 63, the odd ones below 20, and 64 to 80, which were never appended.
directory_contents directory_with_a_new_beginning() {
  fake_file_system disk;
  disk.put_all(sample_directory(60));
  journal::journal journal(disk, small_limits(), writer);
  journal::sequence_set settled = set_of({{64, 80}});
  for (std::uint64_t at = 1; at < 20; at += 2) settled.add(at);
  if (!journal.open() || journal.release(settled, wall_clock_us))
    throw std::runtime_error("sample");
  return disk.contents();
}

TEST_CASE("What one start finds settled the next one does, wherever a beginning was cut",
          "[journal][damage]") {
  const directory_contents sample = directory_with_a_new_beginning();
  const std::string last = segments_of(sample).back();
  std::size_t fewest = ~std::size_t{0};
  std::size_t most = 0;
  for (std::size_t cut = 0; cut <= sample.at(last).size(); ++cut) {
    directory_contents files = sample;
    files[last].resize(cut);
    const recovery once = recover(files);
    const recovery twice = recover(once.after);
    CAPTURE(cut);
    REQUIRE_FALSE(once.error);
    REQUIRE(once.events == twice.events);
    REQUIRE(once.report.lost.empty());
    REQUIRE(twice.report.lost.empty());
    REQUIRE(twice.report.tail_bytes + twice.report.damaged_bytes == 0);
    fewest = std::min(fewest, once.events.size());
    most = std::max(most, once.events.size());
  }
  // Cut early it says nothing, cut late it says all.
  CHECK(fewest < most);
}

TEST_CASE("What one start finds settled the next one does, whatever byte of a beginning is bad",
          "[journal][damage]") {
  const directory_contents sample = directory_with_a_new_beginning();
  const std::string last = segments_of(sample).back();
  for (std::size_t at = 0; at < sample.at(last).size(); ++at) {
    directory_contents files = sample;
    files[last][at] ^= std::byte{0x41};
    const recovery once = recover(files);
    CAPTURE(at);
    REQUIRE_FALSE(once.error);
    REQUIRE(once.events == recover(once.after).events);
  }
}

TEST_CASE("A beginning that was not finished goes when the next one is there",
          "[journal][damage]") {
  directory_contents files = directory_with_a_new_beginning();
  const std::string last = segments_of(files).back();
  files[last].resize(files[last].size() - 1);
  fake_file_system disk;
  disk.put_all(files);
  journal::journal journal(disk, small_limits(), writer);
  REQUIRE(journal.open().has_value());
  CHECK(disk.contents().contains(last));
  const std::vector<read_event> events = read_all(journal);
  REQUIRE(!journal.append(group_of(81, 81), wall_clock_us));
  REQUIRE(!journal.sync(wall_clock_us));
  CHECK_FALSE(disk.contents().contains(last));
  CHECK(recover(disk.contents()).events.size() == events.size() + 1);
}

TEST_CASE("A beginning that could not be synced is not relied on", "[journal][damage]") {
  std::size_t kept = 0;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    std::mt19937_64 random(seed);
    fake_file_system disk;
    journal::journal journal(disk, small_limits(), writer);
    {
      // The second segment says what is settled of the first one, and has nothing else.
      journal::journal first(disk, small_limits(), writer);
      REQUIRE(first.open().has_value());
      REQUIRE(!first.append(group_of(1, 10), wall_clock_us));
      REQUIRE(!first.sync(wall_clock_us));
    }
    {
      journal::journal second(disk, small_limits(), writer);
      REQUIRE(second.open().has_value());
      REQUIRE(!second.release(set_of({{1, 5}}), wall_clock_us));
      REQUIRE(!second.sync(wall_clock_us));
    }
    REQUIRE(journal.open().has_value());
    disk.fail_call(fake_file_system::call::sync, 0, EIO);
    CHECK(journal.release(set_of({{7, 7}}), wall_clock_us).value() == EIO);
    REQUIRE(journal.open().has_value());
    disk.crash(random);
    const recovery of = recover(disk.contents());
    CAPTURE(seed);
    REQUIRE_FALSE(of.events.empty());
    REQUIRE(of.events.front().sequence == 6);
    kept += of.events.size();
  }
  CHECK(kept > 0);
}

/// Two segments, of events 1 to 10 and 11 to 20.
void fill_two_segments(fake_file_system& disk) {
  for (std::uint64_t first : {1U, 11U}) {
    journal::journal each(disk, small_limits(), writer);
    REQUIRE(each.open().has_value());
    REQUIRE(!each.append(group_of(first, first + 9), wall_clock_us));
    REQUIRE(!each.sync(wall_clock_us));
  }
}

TEST_CASE("A segment does not go because of what is settled in memory only", "[journal][damage]") {
  fake_file_system disk;
  fill_two_segments(disk);
  {
    journal::journal journal(disk, small_limits(), writer);
    REQUIRE(journal.open().has_value());
    disk.fail_call(fake_file_system::call::write, 0, ENOSPC);
    REQUIRE(journal.append(group_of(21, 21), wall_clock_us).value() == ENOSPC);
    // The disk has heard nothing of this, and the next opening writes nothing.
    REQUIRE(!journal.release(set_of({{1, 10}}), wall_clock_us));
    REQUIRE(journal.usage().unwritten_releases == 10);
    REQUIRE(journal.open().has_value());
    CHECK(journal.usage().live_events == 10);
  }
  disk.process_ends();
  CHECK(recover(disk.contents()).report.lost.empty());
  CHECK(recover(disk.contents()).events.size() == 20);
}

TEST_CASE("A segment does not go because of a release whose sync has failed", "[journal][damage]") {
  std::size_t came_back = 0;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    std::mt19937_64 random(seed);
    fake_file_system disk;
    fill_two_segments(disk);
    journal::journal journal(disk, small_limits(), writer);
    REQUIRE(journal.open().has_value());
    REQUIRE(!journal.append(group_of(21, 21), wall_clock_us));
    REQUIRE(!journal.sync(wall_clock_us));
    REQUIRE(!journal.release(set_of({{1, 10}}), wall_clock_us));
    disk.fail_call(fake_file_system::call::sync, 0, EIO);
    REQUIRE(journal.sync(wall_clock_us).value() == EIO);
    REQUIRE(journal.open().has_value());
    disk.crash(random);
    const recovery of = recover(disk.contents());
    CAPTURE(seed);
    REQUIRE(of.report.lost.empty());
    came_back += of.events.size() == 21 ? 1 : 0;
  }
  CHECK(came_back > 0);
}

TEST_CASE("The number of a batch's event is not given out again when the event is gone",
          "[journal][damage]") {
  protocol::byte_vector segment;
  journal::encode(journal::segment_header{1, 10, wall_clock_us, writer}, segment);
  journal::record_group group = group_of(10, 10);
  group.add(batch_of({{10, 11}}));
  journal::for_each_record(group.bytes(),
                           [&](const journal::record_header&, std::span<std::byte> record) {
                             journal::seal_record(record, 1);
                           });
  const protocol::const_bytes records = std::as_const(group).bytes();
  segment.insert(segment.end(), records.begin(), records.end());
  fake_file_system disk;
  disk.put(journal::segment_name(1), segment);
  journal::journal journal(disk, small_limits(), writer);
  const auto report = journal.open();
  REQUIRE(report.has_value());
  CHECK(journal.next_sequence() == 12);
  CHECK(report->lost.contains(11));
  REQUIRE(journal.batches().size() == 1);
  CHECK_FALSE(journal.batches().front().whole());
}

}  // namespace
}  // namespace vibes::test
