#include "daemon/io/sockets/unix_socket_file.hpp"

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "daemon/io/process/account_names.hpp"
#include "daemon/io/sockets/socket_peer.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/io/socket_support.hpp"

namespace vibes::test {
namespace {

namespace errc = boost::system::errc;
using io::unix_listener;

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST_CASE("The end of a listener removes its file and nobody else's", "[socket_file]") {
  const temp_dir dir;
  const std::string path = dir.file("s");
  result<unix_listener> made = listen_on(path);
  REQUIRE(made.has_value());
  SECTION("its own file goes") {
    made = error_code();
    CHECK(file_at(path).st_mode == 0);
  }
  SECTION("the file goes after the descriptor was given away, which stays open") {
    const owned_descriptor given(made->release_descriptor());
    CHECK(made->descriptor() == -1);
    CHECK(try_connect(stream_socket(), path) == 0);
    made = error_code();
    CHECK(file_at(path).st_mode == 0);
    CHECK(::fcntl(given.get(), F_GETFD) >= 0);
  }
  SECTION("one that has taken its place stays") {
    REQUIRE(::unlink(path.c_str()) == 0);
    dir.write("s", "precious");
    made = error_code();
    CHECK(text_of(path) == "precious");
  }
  SECTION("another's socket that has taken its place stays") {
    REQUIRE(::unlink(path.c_str()) == 0);
    const owned_descriptor other = bound_socket(path);
    made = error_code();
    CHECK(S_ISSOCK(file_at(path).st_mode));
  }
  SECTION("a listener that was moved from removes nothing") {
    const unix_listener moved = std::move(*made);
    made = error_code();
    CHECK(S_ISSOCK(file_at(path).st_mode));
    CHECK(try_connect(stream_socket(), path) == 0);
  }
  // The lock file stays: removing it could hand one path to two owners.
  CHECK(S_ISREG(file_at(path + ".lock").st_mode));
}

TEST_CASE("What cannot be done leaves nothing open", "[socket_file]") {
  const temp_dir dir;
  dir.write("file", "");
  REQUIRE(::symlink("/dev/null", dir.file("linked.lock").c_str()) == 0);
  const std::size_t before = open_descriptors();
  CHECK(listen_on(dir.file("none/s")).error() == errc::no_such_file_or_directory);
  CHECK(listen_on(dir.file("file/s")).error() == errc::not_a_directory);
  CHECK(listen_on(dir.file("linked")).error() == errc::too_many_symbolic_link_levels);
  CHECK(listen_on(dir.file("file")).error() == errc::address_in_use);
  CHECK(open_descriptors() == before);
  CHECK(listen_on(dir.file("s")).has_value());
  CHECK(open_descriptors() == before);
}

TEST_CASE("A file that somebody has removed is made again as it was", "[socket_file]") {
  for (const bool lock_too : {false, true}) {
    const temp_dir dir;
    const std::string path = dir.file("s");
    unix_listener file = *listen_on(path, 0620);
    const owned_descriptor before(file.release_descriptor());
    CHECK_FALSE(file.file_is_missing());
    ::unlink(path.c_str());
    if (lock_too) ::unlink((path + ".lock").c_str());
    CHECK(file.file_is_missing());
    REQUIRE(!file.make_again());
    CHECK_FALSE(file.file_is_missing());
    CHECK((file_at(path).st_mode & 0777) == 0620);
    CHECK(try_connect(stream_socket(), path) == 0);
    CHECK(file.descriptor() >= 0);
    CHECK(listen_on(path).error() == errc::address_in_use);
    file = unix_listener();
    CHECK(file_at(path).st_mode == 0);
  }
}

TEST_CASE("What cannot be made again yet can be later", "[socket_file]") {
  const temp_dir dir;
  const std::string folder = dir.file("run");
  std::filesystem::create_directory(folder);
  const std::string path = folder + "/s";
  unix_listener file = *listen_on(path);
  std::filesystem::remove_all(folder);
  CHECK(file.make_again() == errc::no_such_file_or_directory);
  CHECK(file.file_is_missing());
  std::filesystem::create_directory(folder);
  REQUIRE(!file.make_again());
  CHECK(try_connect(stream_socket(), path) == 0);
}

TEST_CASE("The kernel says who is at the other end", "[socket_file]") {
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
  const owned_descriptor one(pair[0]);
  const owned_descriptor other(pair[1]);
  const admin::producer_info peer = io::peer_of(one.get());
  CHECK(peer.pid == ::getpid());
  CHECK(peer.uid == ::geteuid());
  CHECK(peer.gid == ::getegid());
  const admin::producer_info nobody = io::peer_of(-1);
  CHECK(nobody.pid == 0);
  CHECK(nobody.uid == -1);
  CHECK(nobody.gid == -1);
}

TEST_CASE("A group is found by its name", "[socket_file]") {
  CHECK(io::find_group("root") == gid_t{0});
  CHECK(io::find_group("no-such-group-of-vibes") == std::nullopt);
  CHECK(io::find_group("") == std::nullopt);
}

}  // namespace
}  // namespace vibes::test
