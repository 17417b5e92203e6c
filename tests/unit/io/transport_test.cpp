#include "daemon/io/iggy/transport.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "tests/support/black_hole.hpp"
#include "tests/unit/io/socket_support.hpp"

namespace vibes::test {
namespace {

using namespace std::chrono_literals;

/// A transport on a loop of its own.
struct transport_fixture {
  boost::asio::io_context loop;
  io::tcp_transport stream{loop};
  std::optional<error_code> outcome;

  io::transport::done note() {
    return [this](const error_code& error) { outcome = error; };
  }
  error_code connect_to(socket_addresses addresses, duration time) {
    outcome.reset();
    stream.async_connect_to(std::move(addresses), std::chrono::steady_clock::now() + time, note());
    CHECK_FALSE(outcome);  // never inside the call that starts it
    loop.restart();
    loop.run();
    return outcome.value();
  }
  std::string where() const { return stream.peer().first; }
};

TEST_CASE("An address that does not answer leaves time for the others", "[transport]") {
  const black_hole dead("127.0.0.2");
  const black_hole dead_too("127.0.0.3");
  const loopback_listener live("127.0.0.4");
  transport_fixture at;
  CHECK_FALSE(at.connect_to({dead.address(), dead_too.address(), live.address()}, 3s));
  CHECK(at.where() == "127.0.0.4");
  // The next time it is the first that is tried: no part of the time is left to the dead ones.
  const auto begun = std::chrono::steady_clock::now();
  CHECK_FALSE(at.connect_to({dead.address(), dead_too.address(), live.address()}, 60s));
  CHECK(at.where() == "127.0.0.4");
  CHECK(std::chrono::steady_clock::now() - begun < 20s);  // a share of a dead one's
}

TEST_CASE("Addresses that had no turn in time have the next ones", "[transport]") {
  const black_hole dead("127.0.0.2");
  const loopback_listener live("127.0.0.3");
  transport_fixture at;
  CHECK(at.connect_to({dead.address(), live.address()}, 50ms) == boost::system::errc::timed_out);
  CHECK_FALSE(at.connect_to({dead.address(), live.address()}, 50ms));
  CHECK(at.where() == "127.0.0.3");
}

TEST_CASE("An address that refuses hands its time on at once", "[transport]") {
  socket_address closed;
  { closed = loopback_listener("127.0.0.2").address(); }
  const loopback_listener live("127.0.0.3");
  transport_fixture at;
  CHECK_FALSE(at.connect_to({closed, live.address()}, 60s));
  CHECK(at.connect_to({closed}, 60s) == boost::system::errc::connection_refused);
}

TEST_CASE("What the peer's TCP has not acknowledged is known, and falls as it takes it",
          "[transport]") {
  const loopback_listener live("127.0.0.2");
  transport_fixture at;
  REQUIRE_FALSE(at.connect_to({live.address()}, 60s));
  const owned_descriptor peer(live.accept());
  CHECK(at.stream.unacknowledged_bytes() == 0U);
  // Far more than the peer's window, and it does not read: what is left lies in our own buffer.
  const std::string much(32 << 20, 'x');
  const std::array<boost::asio::const_buffer, 1> buffers{boost::asio::buffer(much)};
  std::size_t handed_over = 0;
  at.stream.async_write_some(buffers, [&](const error_code&, std::size_t n) { handed_over = n; });
  at.loop.restart();
  at.loop.run();
  REQUIRE(handed_over > 0);
  const auto waiting = at.stream.unacknowledged_bytes();
  REQUIRE(waiting);
  CHECK(*waiting > 0);
  CHECK(*waiting <= handed_over);
  std::string into(1 << 20, '\0');
  for (std::size_t got = 0; got < handed_over;) {
    const ssize_t more = ::recv(peer.get(), into.data(), into.size(), 0);
    REQUIRE(more > 0);
    got += static_cast<std::size_t>(more);
  }
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (at.stream.unacknowledged_bytes() != 0U && std::chrono::steady_clock::now() < end) {
  }
  CHECK(at.stream.unacknowledged_bytes() == 0U);
}

TEST_CASE("A connect ends early when the transport is closed", "[transport]") {
  const black_hole dead("127.0.0.2");
  transport_fixture at;
  at.stream.async_connect_to({dead.address()}, std::chrono::steady_clock::now() + 60s, at.note());
  boost::asio::post(at.loop, [&] { at.stream.close(); });
  at.loop.run();
  CHECK(at.outcome == boost::asio::error::operation_aborted);
}

TEST_CASE("Names and addresses are connected to alike", "[transport]") {
  const loopback_listener live("127.0.0.1");
  const auto* const at_port = reinterpret_cast<const sockaddr_in*>(live.address().data());
  const std::string port = std::to_string(ntohs(at_port->sin_port));
  for (const char* host : {"127.0.0.1", "localhost"}) {
    transport_fixture at;
    at.stream.async_connect({host, port}, std::chrono::steady_clock::now() + 60s, at.note());
    at.loop.run();
    CHECK_FALSE(at.outcome.value());
    CHECK(at.where() == "127.0.0.1");
  }
}

TEST_CASE("A name without an address says so", "[transport]") {
  transport_fixture at;
  at.stream.async_connect({"no-such-host.invalid", "1"}, std::chrono::steady_clock::now() + 60s,
                          at.note());
  at.loop.run();
  CHECK(at.outcome.value().category() == name_category());
}

TEST_CASE("A stop does not wait for a name server", "[transport]") {
  transport_fixture at;
  at.stream.async_connect({"no-such-host.invalid", "1"}, std::chrono::steady_clock::now() + 60s,
                          at.note());
  at.stream.close();
  at.loop.run();
  CHECK(at.outcome == boost::asio::error::operation_aborted);
}

}  // namespace
}  // namespace vibes::test
