#include "tests/broker/link.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/broker/visit.hpp"

// One connection with its socket: where its bytes end when it is cut or the server goes away.

namespace vibes::test {
namespace {

using boost::asio::ip::tcp;
using broker::departure;

const frame_bytes ping = request(command::ping);
const frame_bytes pong = status_frame(0);

/// A link whose other end is in our hands. Everything happens in `settle`, on this thread.
class held_link {
 public:
  held_link() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
    mine_ = ends[0];
    link_ = std::make_shared<broker::link>(of_, tcp::socket(loop_, tcp::v4(), ends[1]));
    link_->start();
  }
  ~held_link() {
    link_->end(departure::abrupt);
    settle();
    ::close(mine_);
  }
  held_link(const held_link&) = delete;
  held_link& operator=(const held_link&) = delete;

  broker::misbehaviour& how() { return of_.behaviour(); }
  broker::broker& state() { return of_.state(); }
  void ends(departure how) { link_->end(how); }
  void says(const frame_bytes& bytes) {
    REQUIRE(::send(mine_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
  }
  /// Nothing more will come of what was said.
  void shuts() { ::shutdown(mine_, SHUT_WR); }

  /// Lets the link do all it can, and returns what it wrote.
  std::string hears() {
    settle();
    frame_bytes heard_bytes;
    std::array<std::byte, 4096> some{};
    for (;;) {
      const ssize_t count = ::recv(mine_, some.data(), some.size(), MSG_DONTWAIT);
      closed_ = count == 0 || (count < 0 && errno != EAGAIN);
      if (count <= 0) return to_hex(heard_bytes);
      heard_bytes.insert(heard_bytes.end(), some.begin(), some.begin() + count);
    }
  }
  bool closed() const { return closed_; }

 private:
  void settle() {
    loop_.restart();
    while (loop_.poll() != 0) {
    }
  }

  boost::asio::io_context loop_{1};
  broker::server of_{loop_, {}};
  int mine_ = -1;
  bool closed_ = false;
  std::shared_ptr<broker::link> link_;
};

TEST_CASE("Requests are answered as they arrive, whole or in pieces", "[link]") {
  held_link at;
  at.says(joined({ping, ping, {ping.begin(), ping.begin() + 3}}));
  CHECK(at.hears() == to_hex(joined({pong, pong})));
  at.says({ping.begin() + 3, ping.end()});
  CHECK(at.hears() == to_hex(pong));
  CHECK_FALSE(at.closed());
}

TEST_CASE("A line cut while sending ends in the middle of a reply", "[link]") {
  held_link at;
  at.how().cut_after_sent(8 + 8 + 5);
  at.says(joined({ping, ping}));
  CHECK(at.hears() == to_hex(joined({pong, pong})));
  CHECK_FALSE(at.closed());
  at.says(ping);
  CHECK(at.hears() == to_hex({pong.begin(), pong.begin() + 5}));
  CHECK(at.closed());
}

TEST_CASE("A line cut while receiving answers what was whole before", "[link]") {
  held_link at;
  at.how().cut_after_received(8 + 8 + 5);
  at.says(joined({ping, ping, ping, ping}));
  CHECK(at.hears() == to_hex(joined({pong, pong})));
  CHECK(at.closed());
  CHECK(at.state().counters().requests.at(command::ping) == 2);
}

TEST_CASE("A send whose reply is cut has been stored", "[link]") {
  held_link at;
  at.says(joined({login("iggy", "iggy"), request(command::create_stream, name("s")),
                  create_topic("s", "t", 1)}));
  CHECK_FALSE(at.hears().empty());
  at.how().cut_after_store(1);
  at.says(joined({send(to_partition(0), {{1, "x"}}), ping}));
  CHECK(at.hears().empty());
  CHECK(at.closed());
  CHECK(at.state().counters().messages_stored == 1);
  CHECK(at.state().counters().connections_open == 0);
}

TEST_CASE("An abrupt end leaves requests without answers", "[link]") {
  held_link at;
  at.says(ping);
  at.ends(departure::abrupt);
  CHECK(at.hears().empty());
  CHECK(at.closed());
}

TEST_CASE("A clean end answers what has arrived, and an announced one says status 8", "[link]") {
  for (const bool announced : {false, true}) {
    CAPTURE(announced);
    held_link at;
    CHECK(at.hears().empty());
    at.says(joined({ping, ping, {ping.begin(), ping.begin() + 5}}));
    at.ends(announced ? departure::announced : departure::clean);
    CHECK(at.hears() == to_hex(joined({pong, pong, announced ? status_frame(8) : frame_bytes()})));
    at.shuts();
    CHECK(at.hears().empty());
    CHECK(at.closed());
    CHECK(at.state().counters().connections_open == 0);
  }
}

TEST_CASE("After garbage the line is closed", "[link]") {
  held_link at;
  at.how().set.garbage = true;
  at.says(ping);
  CHECK(at.hears().starts_with(to_hex(text("HTTP/1.1 400 "))));
  CHECK(at.closed());
}

}  // namespace
}  // namespace vibes::test
