#include "daemon/io/journal/posix_file_system.hpp"

#include <sys/stat.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cerrno>

#include "daemon/journal/journal.hpp"
#include "daemon/journal/journal_errc.hpp"
#include "tests/support/temp_dir.hpp"

namespace vibes::test {
namespace {

using io::posix_file_system;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST_CASE("A file is written, read at a place, cut and removed", "[posix_file_system]") {
  const temp_dir dir;
  posix_file_system files = *posix_file_system::open(dir.file("journal"));
  const auto made = files.create("a");
  REQUIRE(made.has_value());
  CHECK(*files.write(*made, bytes_of("hello ")) == 6);
  CHECK(*files.write(*made, bytes_of("world")) == 5);
  CHECK(!files.sync(*made));
  CHECK(!files.sync_directory());
  files.close(*made);
  CHECK(files.create("a").error().value() == EEXIST);

  const auto read = files.open_to_read("a");
  REQUIRE(read.has_value());
  std::array<std::byte, 8> buffer{};
  CHECK(*files.size(*read) == 11);
  CHECK(*files.read_at(*read, 6, buffer) == 5);
  CHECK(buffer[0] == std::byte{'w'});
  CHECK(*files.read_at(*read, 11, buffer) == 0);
  CHECK(!files.sync(*read));
  files.close(*read);

  CHECK(!files.truncate("a", 5));
  CHECK(text_of(dir.file("journal/a")) == "hello");
  CHECK(!files.remove("a"));
  CHECK(files.remove("a").value() == ENOENT);
}

TEST_CASE("Files and the directory are the owner's only", "[posix_file_system]") {
  const temp_dir dir;
  posix_file_system files = *posix_file_system::open(dir.file("journal"));
  files.close(*files.create("a"));
  struct stat found {};
  REQUIRE(::stat(dir.file("journal").c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0700);
  REQUIRE(::stat(dir.file("journal/a").c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("Names stay inside the directory, and only files are listed", "[posix_file_system]") {
  const temp_dir dir;
  dir.write("outside", "x");
  posix_file_system files = *posix_file_system::open(dir.file("journal"));
  CHECK(files.open_to_read("../outside").error().value() == EINVAL);
  CHECK(files.create("").error().value() == EINVAL);
  CHECK(files.remove("../outside").value() == EINVAL);
  REQUIRE(::symlink(dir.file("outside").c_str(), dir.file("journal/link").c_str()) == 0);
  REQUIRE(::mkdir(dir.file("journal/folder").c_str(), 0700) == 0);
  CHECK(files.open_to_read("link").error().value() == ELOOP);
  files.close(*files.create("b"));
  files.close(*files.create("a"));
  std::vector<std::string> names = *files.list();
  std::ranges::sort(names);
  CHECK(names == std::vector<std::string>{"a", "b"});
  CHECK(files.list()->size() == 2);
}

TEST_CASE("A directory has one owner, until that ends", "[posix_file_system]") {
  const temp_dir dir;
  auto first = std::make_unique<posix_file_system>(*posix_file_system::open(dir.path()));
  posix_file_system second = *posix_file_system::open(dir.path());
  CHECK(!first->lock("lock"));
  CHECK(second.lock("lock").value() == EWOULDBLOCK);
  journal::journal journal(second, journal::journal_limits_for(1 << 20), 1);
  CHECK(journal.open().error() == journal::journal_errc::locked);
  first.reset();
  CHECK(journal.open().has_value());
}

TEST_CASE("A directory that cannot be made is an error", "[posix_file_system]") {
  const temp_dir dir;
  CHECK(posix_file_system::open(dir.file("a/b")).error().value() == ENOENT);
  CHECK(posix_file_system::open(dir.write("file", "x")).error().value() == ENOTDIR);
}

TEST_CASE("A journal on a real disk is found again", "[posix_file_system]") {
  const temp_dir dir;
  for (std::uint64_t round = 0; round < 3; ++round) {
    posix_file_system files = *posix_file_system::open(dir.file("journal"));
    journal::journal journal(files, journal::journal_limits_for(1 << 20), 7);
    const auto report = journal.open();
    REQUIRE(report.has_value());
    CHECK(report->live_events == 100 * round);
    CHECK(report->damaged_bytes + report->tail_bytes + report->foreign_files == 0);
    journal::record_group group;
    for (std::uint64_t i = 1; i <= 100; ++i) {
      group.add({100 * round + i, {1, i}, 3, 4, bytes_of("{\"type\":\"test\"}")});
    }
    REQUIRE(!journal.append(std::move(group), 0));
    REQUIRE(!journal.sync(0));
  }
}

}  // namespace
}  // namespace vibes::test
