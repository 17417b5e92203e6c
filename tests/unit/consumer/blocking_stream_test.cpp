#include "daemon/consumer/blocking_stream.hpp"

#include <catch2/catch.hpp>

#include "tests/support/black_hole.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;

time_point in(duration time) {
  return std::chrono::steady_clock::now() + time;
}

TEST_CASE("A stream leaves time for the addresses behind one that does not answer", "[stream]") {
  const black_hole dead("127.0.0.2");
  const loopback_listener live("127.0.0.3");
  consumer::blocking_stream stream;
  CHECK_FALSE(stream.connect_to({dead.address(), live.address()}, in(2s)));
  CHECK(stream.peer().first == "127.0.0.3");
  CHECK_FALSE(stream.connect_to({dead.address(), live.address()}, in(50ms)));
  CHECK(stream.peer().first == "127.0.0.3");
}

TEST_CASE("A stream gives the next turn to the address that had none in time", "[stream]") {
  const black_hole dead("127.0.0.2");
  const loopback_listener live("127.0.0.3");
  consumer::blocking_stream stream;
  CHECK(stream.connect_to({dead.address(), live.address()}, in(50ms)) ==
        boost::system::errc::timed_out);
  CHECK_FALSE(stream.is_open());
  CHECK_FALSE(stream.connect_to({dead.address(), live.address()}, in(50ms)));
}

TEST_CASE("A stream says that a name has no address", "[stream]") {
  consumer::blocking_stream stream;
  const error_code error = stream.connect("no-such-host.invalid", "1", in(60s));
  CHECK(error.category() == name_category());
}

}  // namespace
}  // namespace vibes::test
