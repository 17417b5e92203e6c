#include "daemon/ingest/session_machine.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "tests/unit/ingest/session_support.hpp"

// A connection told step by step: what happens, and what the driver is to do then.

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using ingest::event_sink;
using ingest::ingest_errc;
using state = ingest::session_machine::state;
using heard = std::vector<std::string>;

const std::string event = "{\"type\":\"hook\"}\n";
const event_sink::answer told_to_wait{event_sink::verdict::wait, {}, time_point{} + 100ms};
const event_sink::answer told_no{event_sink::verdict::refused, ingest_errc::dropped_by_overflow};

TEST_CASE("A silent producer is read turn by turn and never written to", "[session_machine]") {
  told_session of;
  CHECK(of.go_on().empty());  // it waits for its first turn
  CHECK(of.turn() == "read");
  CHECK(of.bytes(event + event) == "announce, turn");
  CHECK(of.turn() == "read");
  CHECK(of.nothing_there() == "wait readable");
  CHECK(of.event().empty());  // a wait is asked for once
  CHECK(of.readable() == "read");
  CHECK(of.end() == "announce, close");
  CHECK(of.sink.heard == heard{"offer 1 silent", "offer 2 silent"});
}

TEST_CASE("Answers go out before others have their turn", "[session_machine]") {
  told_session of;
  of.greet("received");
  CHECK(of.bytes(event + "?\n") == "write, write, announce, turn");
  CHECK(of.sink.heard == heard{"offer 1 received", "refused 2 invalid_json"});
  CHECK(of.written.ends_with("{\"ack\":2}\n"));
}

TEST_CASE("Nothing is read while the sink has no room", "[session_machine]") {
  told_session of;
  of.sink.full_until = of.at + 100ms;
  CHECK(of.turn() == "wait for room");
  CHECK(of.machine->wake_at() == of.at + 100ms);
  of.at += 100ms;
  of.sink.full_until = of.at + 100ms;
  CHECK(of.wake() == "wait for room");
  CHECK(of.machine->wake_at() == of.at + 100ms);
  CHECK(of.sink.waiting_since == time_point{});
  of.sink.full_until = {};
  CHECK(of.wake() == "read");
  of.at += 1s;
  of.bytes(event);
  CHECK(of.sink.waiting_since == time_point{});  // the event has waited in the socket
  of.turn();
  of.bytes(event);
  CHECK(of.sink.waiting_since == of.at);
}

TEST_CASE("An event that is told to wait is offered again, and the lines behind it wait too",
          "[session_machine]") {
  told_session of;
  of.greet("received");
  of.sink.answers = {{}, told_to_wait, told_to_wait};
  std::string buffer = event + event + event + "{\"type\":";
  CHECK(of.bytes(buffer) == "write, announce, wait for room");
  CHECK(of.written == "{\"ack\":1}\n");
  buffer.assign(buffer.size(), '#');  // other connections are read
  of.at += 50ms;
  CHECK(of.wake() == "wait for room");
  CHECK(of.sink.waiting_since == time_point{});
  SECTION("until it is taken") {
    CHECK(of.wake() == "write, announce, turn");
    CHECK(of.written == "{\"ack\":1}\n{\"ack\":3}\n");
    of.turn();
    CHECK(of.bytes("\"x\"}\n") == "write, announce, turn");
    CHECK(of.sink.heard == heard{"offer 1 received", "offer 2 received", "offer again",
                                 "offer again", "offer 3 received", "offer 4 received"});
  }
  SECTION("until it is refused") {
    of.sink.answers = {told_no};
    CHECK(of.wake() == "write, write, announce, turn");
    CHECK(of.written.find("\"line\":2") != std::string::npos);
    CHECK(of.written.ends_with("{\"ack\":3}\n"));
  }
  SECTION("until the driver closes") {
    CHECK(of.close() == "close");
    CHECK(of.wake().empty());
  }
}

TEST_CASE("After the end of input the answers that are due are waited for", "[session_machine]") {
  told_session of;
  of.greet("committed");
  of.bytes(event);
  of.turn();
  CHECK(of.bytes("{\"type\":\"x\"}") == "announce, turn");  // the last line needs no line end
  of.turn();
  CHECK(of.end() == "announce, wait until");
  CHECK(of.sink.heard.size() == 2);
  CHECK(of.machine->has_input());
  SECTION("until all are written") {
    of.machine->events_committed(std::array{std::uint64_t{1}});
    CHECK(of.event() == "write");
    of.machine->events_committed(std::array{std::uint64_t{2}});
    CHECK(of.event() == "write, close");
    CHECK(of.written == "{\"ack\":1}\n{\"ack\":2}\n");
  }
  SECTION("until the wait is over") {
    of.at += 59s;
    CHECK(of.wake() == "wait until");
    of.at += 1s;
    CHECK(of.wake() == "close");
  }
  SECTION("until the producer hears nothing any more") {
    of.peer = told_session::socket::broken;
    of.machine->events_committed(std::array{std::uint64_t{1}});
    CHECK(of.event() == "write, close");
  }
}

TEST_CASE("A last line that has to wait is the last", "[session_machine]") {
  told_session of;
  of.greet("received");
  of.bytes("{\"type\":\"x\"}");
  of.turn();
  of.sink.answers = {told_to_wait};
  CHECK(of.end() == "announce, wait for room");
  CHECK(of.wake() == "write, announce, close");
  CHECK(of.written == "{\"ack\":1}\n");
}

TEST_CASE("A producer that does not read its answers is waited for, then cut off",
          "[session_machine]") {
  told_session of;
  of.greet("received");
  of.peer = told_session::socket::full;
  CHECK(of.bytes("?\n") == "write, wait writable, announce, turn");
  of.turn();
  SECTION("and is written to when it reads again") {
    of.peer = told_session::socket::takes_all;
    CHECK(of.writable() == "write, write, read");
  }
  SECTION("but what it has written is read to its end") {
    CHECK(of.bytes("?\n?\n?\n?\n") == "write, shut down, announce, turn");
    CHECK(of.turn() == "read");
    CHECK(of.bytes(event) == "announce, turn");
    CHECK(of.sink.heard.back() == "offer 6 silent");
    of.turn();
    CHECK(of.end() == "announce, close");
  }
}

TEST_CASE("Who closes its half for answers is read on", "[session_machine]") {
  told_session of;
  of.greet("received");
  of.peer = told_session::socket::broken;
  CHECK(of.bytes(event) == "write, announce, turn");
  CHECK(of.turn() == "read");
  CHECK(of.bytes(event) == "announce, turn");
}

TEST_CASE("A bad hello is answered, then the connection is closed", "[session_machine]") {
  told_session of;
  of.turn();
  CHECK(of.bytes("{\"vibes_ingest\":1}\n" + event) == "write, close");
  CHECK(of.written.find("bad_hello") != std::string::npos);
  CHECK(of.sink.heard == heard{"refused 0 bad_hello"});
  CHECK(of.machine->now_in() == state::closed);
}

TEST_CASE("Half-read lines of all connections together are bounded", "[session_machine]") {
  told_session of;
  of.partial_line_bytes = 1'900;  // of others
  of.turn();
  SECTION("a line that fits is held, and given back with its connection") {
    of.bytes(std::string(40, '['));
    CHECK(of.partial_line_bytes >= 1'940);
    of.machine.reset();
    CHECK(of.partial_line_bytes == 1'900);
  }
  SECTION("a line that does not fit is given up") {
    of.bytes(std::string(150, '['));
    CHECK(of.partial_line_bytes == 1'900);
    of.turn();
    of.bytes("\n" + event);
    CHECK(of.sink.heard == heard{"refused 1 partial_lines_full", "offer 2 silent"});
  }
}

TEST_CASE("Who is told to stop reading takes what is there and goes on answering",
          "[session_machine]") {
  told_session of;
  of.greet("committed");
  of.machine->stop_reading();
  of.bytes(event);
  CHECK(of.turn() == "read");
  CHECK(of.machine->has_input());
  CHECK(of.nothing_there().empty());
  CHECK_FALSE(of.machine->has_input());
  of.machine->events_committed(std::array{std::uint64_t{1}});
  CHECK(of.event() == "write");
  CHECK(of.close() == "close");
}

TEST_CASE("What the socket takes at once is written before a close", "[session_machine]") {
  told_session of;
  of.greet("committed");
  of.bytes(event);
  of.machine->events_committed(std::array{std::uint64_t{1}});
  SECTION("all of it") {
    CHECK(of.close() == "write, close");
  }
  SECTION("or nothing, when it is full") {
    of.peer = told_session::socket::full;
    CHECK(of.close() == "write, close");
  }
}

}  // namespace
}  // namespace vibes::test
