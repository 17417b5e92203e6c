#include "daemon/app/start_check.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "daemon/io/sockets/unix_socket_file.hpp"
#include "tests/support/temp_dir.hpp"

namespace vibes::test {
namespace {

/// Settings with which a start would go well.
config::settings sound_settings(const temp_dir& dir) {
  config::settings made;
  made.socket.path = dir.file("events.sock");
  made.admin.socket = dir.file("admin.sock");
  made.dead_letter.path = dir.file("dead.jsonl");
  return made;
}

std::vector<std::string> texts_of(const config::settings& settings, bool inherited = false) {
  std::vector<std::string> texts;
  for (const app::start_failure& each : app::start_obstacles(settings, inherited)) {
    CHECK(each.error.failed());
    texts.push_back(each.text);
  }
  return texts;
}

TEST_CASE("Where a start would go well nothing is in its way, and nothing is made",
          "[start_check]") {
  const temp_dir dir;
  const config::settings sound = sound_settings(dir);
  CHECK(texts_of(sound).empty());
  for (const std::string& path : {sound.socket.path, sound.admin.socket, sound.dead_letter.path}) {
    CHECK(::access(path.c_str(), F_OK) != 0);
  }
  // A running daemon's socket is no mistake in the settings.
  const auto listening = io::listen_at({.path = sound.socket.path, .group = {}});
  REQUIRE(listening.has_value());
  CHECK(texts_of(sound).empty());
}

TEST_CASE("Every directory that is missing is said, with the setting that names it",
          "[start_check]") {
  const temp_dir dir;
  config::settings settings = sound_settings(dir);
  const std::string gone = dir.file("gone/file");
  settings.socket.path = settings.admin.socket = settings.dead_letter.path = gone;
  const std::string said = gone + " cannot be made: its directory does not exist";
  CHECK(texts_of(settings) == std::vector<std::string>{"[socket] path: " + said,
                                                       "[admin] socket: " + said,
                                                       "[dead_letter] path: " + said});
  // The service manager has made its own.
  CHECK(texts_of(settings, true) ==
        std::vector<std::string>{"[admin] socket: " + said, "[dead_letter] path: " + said});
}

TEST_CASE("A group that nobody knows is said before the socket", "[start_check]") {
  const temp_dir dir;
  config::settings settings = sound_settings(dir);
  settings.socket.group = "no-such-group-here";
  CHECK(texts_of(settings) ==
        std::vector<std::string>{"[socket] group: there is no group \"no-such-group-here\""});
  CHECK(texts_of(settings, true).empty());
}

TEST_CASE("Another file in the place of one of ours is said", "[start_check]") {
  const temp_dir dir;
  config::settings settings = sound_settings(dir);
  for (const std::string& path : {settings.socket.path, settings.admin.socket}) {
    REQUIRE(::close(::open(path.c_str(), O_CREAT | O_WRONLY, 0600)) == 0);
  }
  REQUIRE(::mkdir(settings.dead_letter.path.c_str(), 0700) == 0);
  const std::string in_use = " is in use: is another daemon running, or is it another file?";
  CHECK(texts_of(settings) ==
        std::vector<std::string>{
            "[socket] path: " + settings.socket.path + in_use,
            "[admin] socket: " + settings.admin.socket + in_use,
            "[dead_letter] path: " + settings.dead_letter.path + " is not a regular file"});
}

TEST_CASE("A file in the place of a directory is said", "[start_check]") {
  const temp_dir dir;
  config::settings settings = sound_settings(dir);
  REQUIRE(::close(::open(dir.file("file").c_str(), O_CREAT | O_WRONLY, 0600)) == 0);
  settings.socket.path = dir.file("file/events.sock");
  CHECK(texts_of(settings).size() == 1);
}

}  // namespace
}  // namespace vibes::test
