#include <catch2/catch.hpp>
#include <cerrno>

#include "daemon/journal/journal_errc.hpp"
#include "tests/unit/journal/damage_support.hpp"

// A directory on a disk that does not do what it should.

namespace vibes::test {
namespace {

using journal::journal_errc;

TEST_CASE("A block that the disk cannot read costs what stands in it", "[journal][damage]") {
  const directory_contents sample = sample_directory();
  for (const std::string& name : segments_of(sample)) {
    fake_file_system disk;
    disk.put_all(sample);
    disk.set_unreadable(name, 200, 300);
    journal::journal journal(disk, small_limits(), writer);
    const auto report = journal.open();
    CAPTURE(name);
    REQUIRE(report.has_value());
    CHECK(report->read_errors == 1);
    CHECK(read_all(journal).size() + report->lost.count() >= 74);
  }
}

TEST_CASE("A header that the disk cannot read is its error, and nothing is touched",
          "[journal][damage]") {
  const directory_contents sample = sample_directory();
  for (const std::string& name : segments_of(sample)) {
    fake_file_system disk;
    disk.put_all(sample);
    disk.set_unreadable(name, 0, 10);
    journal::journal journal(disk, small_limits(), writer);
    CHECK(journal.open().error().value() == EIO);
    CHECK_FALSE(journal.is_open());
    CHECK(disk.contents() == sample);
    disk.set_unreadable("", 0, 0);
    CHECK(journal.open().has_value());
    CHECK(read_all(journal).size() == 74);
  }
}

TEST_CASE("Events that cannot be read back later are reported as lost", "[journal][damage]") {
  fake_file_system disk;
  disk.put_all(sample_directory());
  journal::journal journal(disk, small_limits(), writer);
  REQUIRE(journal.open().has_value());
  const std::string bad = segments_of(disk.contents())[2];
  std::vector<read_event> events;
  SECTION("a block") {
    disk.set_unreadable(bad, 200, 300);
  }
  SECTION("a whole segment of zeros") {
    std::fill(disk.bytes_of(bad).begin(), disk.bytes_of(bad).end(), std::byte{0});
  }
  SECTION("a segment that somebody removed") {
    disk.erase(bad);
  }
  const auto read = journal.read(1, {1'000, 1 << 20});
  REQUIRE(read.has_value());
  take_events(*read, events);
  CHECK(read->lost.count() > 5);
  CHECK(events.size() + read->lost.count() == 74);
  CHECK_FALSE(journal.live().intersects(read->lost));
}

TEST_CASE("On a read-only disk nothing can be written, and everything be read",
          "[journal][damage]") {
  fake_file_system disk;
  disk.put_all(sample_directory());
  journal::journal journal(disk, small_limits(), writer);
  REQUIRE(journal.open().has_value());
  disk.set_read_only(true);
  CHECK(journal.append(group_of(94, 95), wall_clock_us).value() == EROFS);
  CHECK_FALSE(journal.is_open());
  CHECK(journal.append(group_of(94, 95), wall_clock_us) == journal_errc::not_open);
  CHECK(read_all(journal).size() == 74);
  REQUIRE(!journal.release(set_of({{1, 10}}), wall_clock_us));
  disk.set_read_only(false);
  REQUIRE(journal.open().has_value());
  REQUIRE(!journal.append(group_of(94, 95), wall_clock_us));
  REQUIRE(!journal.sync(wall_clock_us));
  CHECK(recover(disk.contents()).events.front().sequence == 11);
}

TEST_CASE("The end of a segment that cannot be read is not cut off", "[journal][damage]") {
  const directory_contents sample = sample_directory();
  const std::string last = segments_of(sample).back();
  const std::size_t size = sample.at(last).size();
  for (const std::size_t from : {std::size_t{0x40}, size / 2, size - 1}) {
    fake_file_system disk;
    disk.put_all(sample);
    disk.set_unreadable(last, from, size);
    {
      journal::journal journal(disk, small_limits(), writer);
      const auto report = journal.open();
      REQUIRE(report.has_value());
      CHECK(report->read_errors > 0);
      CHECK(report->tail_bytes == 0);
    }
    CHECK(disk.contents() == sample);
    CHECK(recover(disk.contents()).events.size() == 74);
  }
}

}  // namespace
}  // namespace vibes::test
