#include "tests/faults/proxy.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <string>

namespace vibes::faults {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds patience{10};

/// A client, the proxy and the server behind it, in one loop.
struct line {
  asio::io_context loop{1};
  asio::executor_work_guard<asio::io_context::executor_type> stays{loop.get_executor()};
  tcp::acceptor server{loop, {asio::ip::address_v4::loopback(), 0}};
  proxy between{loop, server.local_endpoint().port()};
  tcp::socket near{loop};
  tcp::socket far{loop};

  error_code connect() {
    error_code failure;
    near.connect({asio::ip::address_v4::loopback(), between.port()}, failure);
    return failure;
  }
  void connect_through() {
    bool accepted = false;
    server.async_accept(far, [&](const error_code& failure) { accepted = !failure; });
    REQUIRE_FALSE(connect());
    while (!accepted) REQUIRE(loop.run_one_for(patience) == 1);
  }
  static void say(tcp::socket& to, const std::string& text) { asio::write(to, asio::buffer(text)); }
  /// What arrives until it is `count` bytes or the end; `ended` says how.
  std::string hear(tcp::socket& from, std::size_t count, error_code* ended = nullptr) {
    std::string heard(count, '\0');
    std::optional<error_code> outcome;
    std::size_t size = 0;
    asio::async_read(from, asio::buffer(heard), [&](const error_code& failure, std::size_t got) {
      outcome = failure;
      size = got;
    });
    while (!outcome) REQUIRE(loop.run_one_for(patience) == 1);
    if (ended != nullptr) *ended = *outcome;
    heard.resize(size);
    return heard;
  }
};

fault up(fault_kind what, std::uint64_t after_bytes = 0) {
  fault made;
  made.what = what;
  made.up = true;
  made.after_bytes = after_bytes;
  return made;
}

TEST_CASE("A relay passes both ways, byte for byte, and the end too", "[faults]") {
  line to;
  to.connect_through();
  line::say(to.near, "request");
  CHECK(to.hear(to.far, 7) == "request");
  line::say(to.far, "reply");
  CHECK(to.hear(to.near, 5) == "reply");
  to.near.shutdown(tcp::socket::shutdown_send);
  error_code ended;
  CHECK(to.hear(to.far, 1, &ended).empty());
  CHECK(ended == asio::error::eof);
}

TEST_CASE("A cut lets through what is before it, and ends both sides", "[faults]") {
  line to;
  to.connect_through();
  to.between.begin(up(fault_kind::cut, 4));
  line::say(to.near, "request");
  error_code far_end, near_end;
  CHECK(to.hear(to.far, 7, &far_end) == "requ");
  CHECK(far_end);
  to.hear(to.near, 1, &near_end);
  CHECK(near_end);
}

TEST_CASE("A reset is one", "[faults]") {
  line to;
  to.connect_through();
  to.between.begin(up(fault_kind::reset));
  error_code ended;
  to.hear(to.near, 1, &ended);
  CHECK(ended == asio::error::connection_reset);
}

TEST_CASE("A half-closed direction ends, and the other goes on", "[faults]") {
  line to;
  to.connect_through();
  to.between.begin(up(fault_kind::half_close, 3));
  line::say(to.near, "request");
  error_code ended;
  CHECK(to.hear(to.far, 7, &ended) == "req");
  CHECK(ended == asio::error::eof);
  line::say(to.far, "reply");
  CHECK(to.hear(to.near, 5) == "reply");
}

TEST_CASE("What was stalled passes when the network has healed", "[faults]") {
  line to;
  to.connect_through();
  to.between.begin(up(fault_kind::stall));
  line::say(to.near, "request");
  line::say(to.far, "reply");
  CHECK(to.hear(to.near, 5) == "reply");
  to.between.heal();
  CHECK(to.hear(to.far, 7) == "request");
}

TEST_CASE("Trickling and delayed bytes all arrive", "[faults]") {
  line to;
  to.connect_through();
  fault slow = up(GENERATE(fault_kind::trickle, fault_kind::delay));
  slow.delay_ms = 5;
  to.between.begin(slow);
  line::say(to.near, "request");
  CHECK(to.hear(to.far, 7) == "request");
}

TEST_CASE("When nobody listens connections are refused, and accepted there again later",
          "[faults]") {
  line to;
  to.connect_through();
  to.between.begin(up(fault_kind::refuse));
  error_code ended;
  to.hear(to.near, 1, &ended);
  CHECK(ended == asio::error::connection_reset);
  to.near.close();
  to.far.close();
  CHECK(to.connect() == asio::error::connection_refused);
  to.between.heal();
  to.near = tcp::socket(to.loop);
  to.connect_through();
}

TEST_CASE("New connections can be accepted and closed at once", "[faults]") {
  line to;
  to.between.begin(up(fault_kind::drop_new));
  REQUIRE_FALSE(to.connect());
  error_code ended;
  to.hear(to.near, 1, &ended);
  CHECK(ended);
}

}  // namespace
}  // namespace vibes::faults
