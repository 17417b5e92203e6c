#include "daemon/io/producers/producer_session.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/io/socket_support.hpp"

// One connection on a pair of sockets, with a queue behind it that takes all. Nothing waits: the
// loop is run until there is nothing left to do.

namespace vibes::test {
namespace {

using session_type = io::producer_session;

store::outbox_limits roomy() {
  store::outbox_limits limits;
  limits.queue = {100'000, 64 << 20};
  return limits;
}

std::string repeated(std::string_view line, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += std::string(line) + "\n";
  return all;
}

const std::string event_line = R"({"type":"hook","session_id":"s"})";

struct connection {
  boost::asio::io_context loop;
  io::producer_registry registry;
  store::outbox box{roomy(), registry, std::chrono::steady_clock::now()};
  admin::intake_counters counters;
  ingest::event_scanner scanner{ingest::schema_mode::lenient};
  store::message_id_source ids{1};
  std::vector<std::uint64_t> refused_lines;
  bool ended = false;
  io::intake shared{
      box,      registry,
      counters, scanner,
      ids,      {.event_bytes_max = 10'000, .pending_answers_bytes_max = 4'096, .version = "0.0.0"},
      30'000,   std::chrono::seconds(60),
      [] {},    [this](const io::refused_line& line) { refused_lines.push_back(line.line); }};
  owned_descriptor peer;
  std::shared_ptr<session_type> session;

  connection() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    peer = owned_descriptor(ends[0]);
    session_type::socket_type socket(loop);
    socket.assign(boost::asio::local::stream_protocol(), ends[1]);
    session = std::make_shared<session_type>(std::move(socket), shared, admin::producer_info{},
                                             [this](session_type&) { ended = true; });
    session->start();
    run();
  }
  ~connection() {
    if (session) session->close();
    run();
  }
  void run() {
    loop.restart();
    loop.poll();
  }
  /// As much as the socket takes at once, which has to be all.
  void say(std::string_view text) const {
    REQUIRE(::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  void greet(const std::string& level) {
    say(R"({"vibes_ingest":{"ack":")" + level + "\"}}\n");
    run();
  }
  std::uint64_t taken() const { return box.counters().received_events; }
};

TEST_CASE("A producer that closes without reading its answers loses none of its lines",
          "[producer_session]") {
  for (const char* level : {"received", "committed"}) {
    CAPTURE(level);
    connection at;
    at.greet(level);
    // More than one turn's reading, good and bad.
    at.say(repeated(event_line, 2'000) + repeated("{}", 10) + repeated(event_line, 2'000));
    at.say(event_line);  // the last one needs no line end
    at.peer.close();
    at.run();
    CHECK(at.ended);
    CHECK(at.taken() == 4'001);
    CHECK(at.counters.lines_refused == 10);
    REQUIRE(at.refused_lines.size() == 10);
    CHECK(at.refused_lines.back() == 2'010);
    CHECK(at.counters.connections_cut_off == 0);
  }
}

TEST_CASE("A producer that stops reading and goes on writing is read to the end",
          "[producer_session]") {
  connection at;
  at.greet("received");
  REQUIRE(::shutdown(at.peer.get(), SHUT_RD) == 0);
  for (int i = 0; i < 10; ++i) {
    at.say(repeated(event_line, 100));
    at.run();
  }
  CHECK_FALSE(at.ended);
  CHECK(at.taken() == 1'000);
  at.say("{}\n");
  at.peer.close();
  at.run();
  CHECK(at.ended);
  CHECK(at.refused_lines == std::vector<std::uint64_t>{1'001});
}

TEST_CASE("What a producer has written before it is cut off is taken", "[producer_session]") {
  connection at;
  at.greet("received");
  // The refusals take more than a turn; the events stand behind them in the socket.
  at.say(repeated("{}", 25'000) + repeated(event_line, 1'000));
  at.run();
  CHECK(at.counters.connections_cut_off == 1);
  CHECK(at.counters.lines_refused == 25'000);
  CHECK(at.taken() == 1'000);
  CHECK(at.ended);
  CHECK(::send(at.peer.get(), "{}\n", 3, MSG_NOSIGNAL) < 0);
}

TEST_CASE("The bytes of a half line are given back", "[producer_session]") {
  connection at;
  at.say(event_line.substr(0, 20));
  at.run();
  CHECK(at.counters.partial_line_bytes >= 20);
  SECTION("when its end comes") {
    at.say(event_line.substr(20) + "\n");
    at.run();
    CHECK(at.counters.partial_line_bytes == 0);
    CHECK(at.taken() == 1);
  }
  SECTION("when its producer closes") {
    at.peer.close();
    at.run();
    at.session = nullptr;
    CHECK(at.counters.partial_line_bytes == 0);
    CHECK(at.counters.lines_refused == 1);
  }
  SECTION("when it is given up") {
    at.counters.partial_line_bytes += 30'000;  // of other producers
    at.say("x");
    at.run();
    CHECK(at.counters.partial_line_bytes == 30'000);
    at.say("\n");
    at.run();
    CHECK(at.counters.refused_by_code.at("partial_lines_full") == 1);
  }
}

}  // namespace
}  // namespace vibes::test
