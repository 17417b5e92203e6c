#include "daemon/io/process/handed_socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/io/socket_support.hpp"

namespace vibes::test {
namespace {

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
