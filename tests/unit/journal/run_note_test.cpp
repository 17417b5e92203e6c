#include "daemon/journal/run_note.hpp"

#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/unit/journal/journal_support.hpp"

namespace vibes::test {
namespace {

using journal::read_run_note;
using journal::write_run_note;

TEST_CASE("A note is read back, and the next one takes its place", "[run_note]") {
  fake_file_system disk;
  CHECK(*read_run_note(disk) == "");
  REQUIRE(!write_run_note(disk, "one"));
  CHECK(*read_run_note(disk) == "one");
  REQUIRE(!write_run_note(disk, "two"));
  CHECK(*read_run_note(disk) == "two");
  CHECK(disk.contents().size() == 1);
  CHECK(disk.open_files() == 0);
}

TEST_CASE("A note is the old one or the new one, wherever its writing was stopped", "[run_note]") {
  std::size_t old_ones = 0;
  std::size_t new_ones = 0;
  for (std::uint64_t calls = 0; calls < 8; ++calls) {
    for (std::uint64_t seed = 0; seed < 32; ++seed) {
      std::mt19937_64 random(seed);
      fake_file_system disk;
      REQUIRE(!write_run_note(disk, "the old one"));
      disk.stop_after(calls);
      const error_code error = write_run_note(disk, "the new one");
      seed % 2 == 0 ? disk.crash(random) : disk.process_ends();
      const std::string found = *read_run_note(disk);
      CAPTURE(calls, seed, found);
      REQUIRE((found == "the old one" || found == "the new one"));
      if (!error) REQUIRE(found == "the new one");
      (found == "the old one" ? old_ones : new_ones) += 1;
      // Nothing that was left behind is in the way.
      REQUIRE(!write_run_note(disk, "the next one"));
      REQUIRE(*read_run_note(disk) == "the next one");
    }
  }
  CHECK(old_ones > 0);
  CHECK(new_ones > 0);
}

TEST_CASE("A note that is too long is neither written nor read", "[run_note]") {
  fake_file_system disk;
  const std::string most(journal::run_note_bytes_max, 'x');
  REQUIRE(!write_run_note(disk, most));
  CHECK(*read_run_note(disk) == most);
  CHECK(write_run_note(disk, most + "x").value() == EMSGSIZE);
  CHECK(*read_run_note(disk) == most);
  disk.put(std::string(journal::run_note_name), protocol::byte_vector(most.size() + 1));
  CHECK(read_run_note(disk).error().value() == EMSGSIZE);
}

TEST_CASE("A note is no foreign file, finished or not", "[run_note]") {
  fake_file_system disk;
  disk.put(std::string(journal::run_note_name), {});
  disk.put(std::string(journal::new_run_note_name), {});
  disk.put("something", {});
  journal::journal journal(disk, small_limits(), writer);
  const auto report = journal.open();
  REQUIRE(report.has_value());
  CHECK(report->ignored_names == std::vector<std::string>{"something"});
  CHECK(journal.usage().bytes == 0);
}

TEST_CASE("A journal that is not open takes no note", "[run_note]") {
  fake_file_system disk;
  journal::journal journal(disk, small_limits(), writer);
  CHECK(journal.write_note("x").failed());
  CHECK_FALSE(journal.read_note().has_value());
  CHECK(disk.contents().empty());
}

}  // namespace
}  // namespace vibes::test
