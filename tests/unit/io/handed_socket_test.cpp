#include "daemon/io/process/handed_socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/io/socket_support.hpp"

namespace vibes::test {
namespace {

using io::explain_difference;
using io::handed_socket;

const std::string beginning =
    "the service manager's socket differs from the settings, which do not count for it: ";

TEST_CASE("What differs between settings and socket is said, key by key", "[handed_socket]") {
  config::socket_settings wanted;
  wanted.path = "/run/e";
  wanted.mode = "0660";
  CHECK(explain_difference(wanted, {{"/run/e", 0660, "g"}}).empty());
  CHECK(explain_difference(wanted, {{"/run/f", 0660, "g"}}) ==
        beginning + "[socket] path is /run/f and not /run/e");
  CHECK(explain_difference(wanted, {{"/run/e", 0666, "g"}}) ==
        beginning + "mode is 0666 and not 0660");
  wanted.group = "h";
  CHECK(explain_difference(wanted, {{"/run/e", 0660, "h"}}).empty());
  CHECK(explain_difference(wanted, {{"/run/f", 0666, "g"}}) ==
        beginning +
            "[socket] path is /run/f and not /run/e, mode is 0666 and not 0660, group is g and "
            "not h");
  CHECK(explain_difference(wanted, {}).empty());
}

TEST_CASE("Of several sockets the one at the settings' path is compared", "[handed_socket]") {
  config::socket_settings wanted;
  wanted.path = "/run/e";
  wanted.mode = "0660";
  const handed_socket other{"/run/other", 0666, "g"};
  CHECK(explain_difference(wanted, {other, {"/run/e", 0660, "g"}}).empty());
  CHECK(explain_difference(wanted, {other, {"/run/e", 0600, "g"}}) ==
        beginning + "mode is 0600 and not 0660");
}

TEST_CASE("A socket is looked at by its descriptor", "[handed_socket]") {
  const temp_dir dir;
  const owned_descriptor socket = bound_socket(dir.file("s"));
  REQUIRE(::chmod(dir.file("s").c_str(), 0640) == 0);
  const auto seen = io::inspect_socket(socket.get());
  REQUIRE(seen);
  CHECK(seen->path == dir.file("s"));
  CHECK(seen->mode == 0640);
  CHECK(!seen->group.empty());
  REQUIRE(::unlink(dir.file("s").c_str()) == 0);
  CHECK(!io::inspect_socket(socket.get()));
  CHECK(!io::inspect_socket(stream_socket().get()));
}

TEST_CASE("A descriptor's place is its path or its port", "[handed_socket]") {
  const temp_dir dir;
  const owned_descriptor socket = bound_socket(dir.file("s"));
  CHECK(io::place_of_socket(socket.get()) == dir.file("s"));
  CHECK(io::place_of_socket(stream_socket().get()).empty());
  const owned_descriptor port(::socket(AF_INET, SOCK_STREAM, 0));
  CHECK(io::place_of_socket(port.get()) == "port 0");  // none yet
  REQUIRE(::mkfifo(dir.file("a\nb").c_str(), 0600) == 0);
  const owned_descriptor fifo(::open(dir.file("a\nb").c_str(), O_RDWR));
  CHECK(io::place_of_socket(fifo.get()) == dir.file("a\\nb"));
}

}  // namespace
}  // namespace vibes::test
