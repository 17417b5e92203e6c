#include "daemon/journal/read_only_file_system.hpp"

#include <catch2/catch.hpp>
#include <cerrno>

#include "daemon/journal/journal_errc.hpp"
#include "tests/unit/journal/journal_support.hpp"

namespace vibes::test {
namespace {

using namespace journal;

/// A directory with events in several segments, some of them settled, that a process left behind.
void fill(fake_file_system& disk) {
  vibes::journal::journal kept(disk, small_limits(), writer);
  REQUIRE(kept.open().has_value());
  for (std::uint64_t each = 1; each <= 100; ++each) {
    REQUIRE(!kept.append(group_of(each, each), wall_clock_us));
  }
  REQUIRE(!kept.release(set_of({{1, 80}}), wall_clock_us));
  REQUIRE(!kept.append(group_of(101, 110), wall_clock_us));
  disk.process_ends();
}

std::string newest_segment(const fake_file_system& disk) {
  std::string newest;
  for (const auto& [name, unused] : disk.contents()) {
    if (segment_id_of(name) != 0) newest = name;
  }
  return newest;
}

/// What it finds when it is opened without being changed: the same, and not a byte is another.
std::vector<std::uint64_t> looked_at(fake_file_system& disk) {
  const auto before = disk.contents();
  const std::uint64_t changes = disk.changing_calls();
  read_only_file_system unchanged(disk);
  vibes::journal::journal kept(unchanged, small_limits(), writer);
  REQUIRE(kept.open().has_value());
  const std::vector<std::uint64_t> found = sequences_in(read_all(kept));
  CHECK(disk.contents() == before);
  CHECK(disk.changing_calls() == changes);
  CHECK(disk.open_files() == 0);
  return found;
}

std::vector<std::uint64_t> from_to(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t each = first; each <= last; ++each) all.push_back(each);
  return all;
}

TEST_CASE("A journal is read without a change, settled segments and all", "[unchanged_files]") {
  fake_file_system disk;
  fill(disk);
  CHECK(looked_at(disk) == from_to(81, 110));
}

TEST_CASE("A write that did not finish is not cut off by a look", "[unchanged_files]") {
  fake_file_system disk;
  fill(disk);
  auto& newest = disk.bytes_of(newest_segment(disk));
  newest.resize(newest.size() - 5);
  CHECK(looked_at(disk) == from_to(81, 109));
  newest.resize(30);  // within the header: it was being created
  looked_at(disk);
}

TEST_CASE("A look makes no lock, and respects one", "[unchanged_files]") {
  fake_file_system disk;
  read_only_file_system unchanged(disk);
  CHECK(!unchanged.lock(lock_name));
  CHECK(disk.contents().empty());
  fill(disk);
  disk.set_locked_elsewhere(true);
  vibes::journal::journal kept(unchanged, small_limits(), writer);
  CHECK(kept.open().error() == journal_errc::locked);
}

TEST_CASE("Nothing can be written through it", "[unchanged_files]") {
  fake_file_system disk;
  read_only_file_system unchanged(disk);
  CHECK(unchanged.create("x").error().value() == EROFS);
  CHECK(unchanged.write({}, {}).error().value() == EROFS);
  CHECK(disk.calls() == 0);
}

}  // namespace
}  // namespace vibes::test
