#include "daemon/io/process/new_file.hpp"

#include <fcntl.h>

#include <catch2/catch.hpp>

#include "daemon/io/admin/dead_letter_appender.hpp"
#include "daemon/io/journal/posix_file_system.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/io/socket_support.hpp"

namespace vibes::test {
namespace {

constexpr uid_t somebody = 4'242;

/// A directory of somebody else's, which only root can make.
bool is_given_away(const temp_dir& dir) {
  return ::geteuid() == 0 && ::chown(dir.path().c_str(), somebody, somebody + 1) == 0;
}

bool is_somebodys(const std::string& path) {
  const struct stat found = file_at(path);
  return found.st_uid == somebody && found.st_gid == somebody + 1;
}

bool is_mine(const std::string& path) {
  return file_at(path).st_mode != 0 && file_at(path).st_uid == ::geteuid();
}

TEST_CASE("A file is made once, for its owner only", "[new_file]") {
  const temp_dir dir;
  const std::string path = dir.file("f");
  const owned_descriptor made(io::open_or_make(path, O_RDWR));
  CHECK(made.get() >= 0);
  CHECK((file_at(path).st_mode & 07777) == 0600);
  CHECK((::fcntl(made.get(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(owned_descriptor(io::open_or_make(path, O_RDWR)).get() >= 0);
  CHECK(io::open_or_make(path, O_RDWR | O_EXCL) == -1);
  CHECK(errno == EEXIST);
  CHECK(io::open_or_make(dir.file("none/f"), O_RDWR) == -1);
  CHECK(errno == ENOENT);
}

TEST_CASE("What root makes for a daemon belongs to whom the directory belongs", "[new_file]") {
  const temp_dir dir;
  if (!is_given_away(dir)) return;
  SECTION("a segment and the lock of a journal") {
    auto files = io::posix_file_system::open(dir.path());
    files->close(*files->create("segment"));
    REQUIRE(!files->lock("lock"));
    CHECK(is_somebodys(dir.file("segment")));
    CHECK(is_somebodys(dir.file("lock")));
  }
  SECTION("a journal's directory") {
    REQUIRE(io::posix_file_system::open(dir.file("journal")).has_value());
    CHECK(is_somebodys(dir.file("journal")));
  }
  SECTION("a dead letter file, and the one after it") {
    REQUIRE(!io::try_dead_letter_file(dir.file("d")));
    CHECK(is_somebodys(dir.file("d")));
    const io::dead_letter_appender appender(dir.file("d"), 100);
    CHECK(appender.append({std::string(40, 'a') + "\n"}).lines == 1);
    CHECK(appender.append({std::string(40, 'b') + "\n"}).lines == 1);
    CHECK(is_somebodys(dir.file("d")));
    CHECK(is_somebodys(dir.file("d.1")));
  }
  SECTION("the lock of a socket") {
    REQUIRE(listen_on(dir.file("s")).has_value());
    CHECK(is_somebodys(dir.file("s.lock")));
  }
  SECTION("directories on the way to one") {
    REQUIRE(!io::make_directories(dir.file("a/b"), 0700));
    CHECK(is_somebodys(dir.file("a")));
    CHECK(is_somebodys(dir.file("a/b")));
  }
}

TEST_CASE("What is there already is not given away", "[new_file]") {
  const temp_dir dir;
  const temp_dir mine;
  const std::string precious = mine.write("precious", "");
  REQUIRE(::link(precious.c_str(), dir.file("hard").c_str()) == 0);
  REQUIRE(::symlink(precious.c_str(), dir.file("soft").c_str()) == 0);
  REQUIRE(::symlink(mine.file("new").c_str(), dir.file("to-nothing").c_str()) == 0);
  if (!is_given_away(dir)) return;
  for (const char* const name : {"hard", "soft", "to-nothing"}) {
    CHECK(owned_descriptor(io::open_or_make(dir.file(name), O_RDWR)).get() >= 0);
  }
  CHECK(is_mine(precious));
  CHECK(is_mine(mine.file("new")));
}

TEST_CASE("Directories are made with their parents, and stay as they are", "[new_file]") {
  const temp_dir dir;
  REQUIRE(!io::make_directories(dir.file("a/b/c"), 0700));
  CHECK((file_at(dir.file("a")).st_mode & 07777) == 0700);
  CHECK((file_at(dir.file("a/b/c")).st_mode & 07777) == 0700);
  REQUIRE(::chmod(dir.file("a/b/c").c_str(), 0750) == 0);
  CHECK(!io::make_directories(dir.file("a/b/c"), 0700));
  CHECK((file_at(dir.file("a/b/c")).st_mode & 07777) == 0750);
  CHECK(io::make_directories(dir.write("file", "") + "/d", 0700).value() == ENOTDIR);
  CHECK(io::make_directory(dir.file("none/d"), 0700).value() == ENOENT);
}

}  // namespace
}  // namespace vibes::test
