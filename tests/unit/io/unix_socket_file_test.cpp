#include "daemon/io/sockets/unix_socket_file.hpp"

#include <fcntl.h>

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/io/socket_support.hpp"

namespace vibes::test {
namespace {

namespace errc = boost::system::errc;
using io::unix_listener;

TEST_CASE("A listener's file is a socket that can be connected to", "[socket_file]") {
  const temp_dir dir;
  const std::string path = dir.file("s");
  const result<unix_listener> made = listen_on(path);
  REQUIRE(made.has_value());
  CHECK(S_ISSOCK(file_at(path).st_mode));
  CHECK(try_connect(stream_socket(), path) == 0);
  CHECK((::fcntl(made->descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK((::fcntl(made->descriptor(), F_GETFL) & O_NONBLOCK) != 0);
}

TEST_CASE("The file has the mode asked for, whatever the mask, and the mask stays",
          "[socket_file]") {
  const temp_dir dir;
  const mode_t before = ::umask(0027);
  for (const mode_t mode : {0600U, 0660U, 0666U, 0000U, 0777U}) {
    const result<unix_listener> made = listen_on(dir.file("s"), mode);
    REQUIRE(made.has_value());
    CHECK((file_at(dir.file("s")).st_mode & 07777) == mode);
  }
  CHECK(::umask(before) == 0027);
}

TEST_CASE("The file has the group asked for, and else the daemon's own", "[socket_file]") {
  const temp_dir dir;
  const std::string path = dir.file("s");
  // Only root may give a file to any group.
  const gid_t group = ::geteuid() == 0 ? 4'242 : ::getegid();
  {
    const result<unix_listener> made = listen_on(path, 0660, group);
    REQUIRE(made.has_value());
    CHECK(file_at(path).st_gid == group);
    CHECK(file_at(path).st_uid == ::geteuid());
    CHECK((file_at(path).st_mode & 07777) == 0660);
  }
  const result<unix_listener> made = listen_on(path, 0660);
  REQUIRE(made.has_value());
  CHECK(file_at(path).st_gid == ::getegid());
}

TEST_CASE("A stale socket file is replaced", "[socket_file]") {
  const temp_dir dir;
  const std::string path = dir.file("s");
  bound_socket(path).close();
  REQUIRE(S_ISSOCK(file_at(path).st_mode));
  const result<unix_listener> made = listen_on(path);
  REQUIRE(made.has_value());
  CHECK(try_connect(stream_socket(), path) == 0);
}

TEST_CASE("A path that somebody listens at is refused and left alone", "[socket_file]") {
  const temp_dir dir;
  const std::string path = dir.file("s");
  const owned_descriptor other = bound_socket(path);
  SECTION("with room for connections") {
    REQUIRE(::listen(other.get(), 8) == 0);
  }
  SECTION("with a full backlog") {
    REQUIRE(::listen(other.get(), 0) == 0);
    const owned_descriptor waiting = stream_socket();
    REQUIRE(try_connect(waiting, path) == 0);
    const owned_descriptor refused = stream_socket();
    REQUIRE(try_connect(refused, path) == EAGAIN);
    CHECK(listen_on(path).error() == errc::address_in_use);
  }
  const ino_t before = file_at(path).st_ino;
  CHECK(listen_on(path).error() == errc::address_in_use);
  CHECK(file_at(path).st_ino == before);
}

TEST_CASE("A second daemon is refused by the lock while the first lives", "[socket_file]") {
  const temp_dir dir;
  const std::string path = dir.file("s");
  result<unix_listener> first = listen_on(path);
  REQUIRE(first.has_value());
  // Also when somebody took the socket itself away.
  REQUIRE(::unlink(path.c_str()) == 0);
  CHECK(listen_on(path).error() == errc::address_in_use);
  first = error_code();
  CHECK(listen_on(path).has_value());
}

TEST_CASE("A file that is no socket is refused and left alone", "[socket_file]") {
  const temp_dir dir;
  const std::string path = dir.file("s");
  SECTION("a regular file") {
    dir.write("s", "precious");
  }
  SECTION("a directory") {
    REQUIRE(::mkdir(path.c_str(), 0700) == 0);
  }
  SECTION("a symbolic link to a stale socket") {
    bound_socket(dir.file("stale")).close();
    REQUIRE(::symlink(dir.file("stale").c_str(), path.c_str()) == 0);
  }
  SECTION("a symbolic link to nothing") {
    REQUIRE(::symlink(dir.file("none").c_str(), path.c_str()) == 0);
  }
  const struct stat before = file_at(path);
  CHECK(listen_on(path).error() == errc::address_in_use);
  CHECK(file_at(path).st_ino == before.st_ino);
  CHECK(file_at(path).st_mode == before.st_mode);
}

TEST_CASE("A socket of another type counts as somebody's", "[socket_file]") {
  const temp_dir dir;
  const owned_descriptor other = bound_socket(dir.file("s"), SOCK_DGRAM);
  CHECK(listen_on(dir.file("s")).error() == errc::address_in_use);
  CHECK(S_ISSOCK(file_at(dir.file("s")).st_mode));
}

TEST_CASE("A path has at most 107 bytes", "[socket_file]") {
  const temp_dir dir;
  const std::string longest = dir.file(std::string(107 - dir.path().size() - 1, 's'));
  REQUIRE(longest.size() == 107);
  const result<unix_listener> made = listen_on(longest);
  REQUIRE(made.has_value());
  CHECK(S_ISSOCK(file_at(longest).st_mode));
  CHECK(listen_on(longest + "s").error() == errc::filename_too_long);
}

}  // namespace
}  // namespace vibes::test
