#include <algorithm>

#include "tests/unit/cli/send_exchange_support.hpp"

namespace vibes::test {
namespace {

using config::exit_code;

TEST_CASE("Without answers a line goes out as it comes, and the end of input is the end",
          "[send_exchange]") {
  exchange_with at("");
  for (const char* piece : {"one\n", "tw", "o\nthr"}) {
    at.it.input(piece, at.now);
    CHECK(at.write_all() == piece);
    at.now += 1h;  // a producer that takes its time is nobody's fault
    CHECK_FALSE(at.it.deadline());
  }
  CHECK_FALSE(at.it.wants_answers());
  at.it.input_ended(at.now);
  CHECK(at.write_all() == "\n");
  CHECK(at.it.closes_writing());
  CHECK_FALSE(at.it.ended());
  at.it.writing_closed(at.now);
  CHECK(at.it.ended());
  CHECK(at.it.verdict().ok());
}

TEST_CASE("With answers the hello is first, and the answers are the end", "[send_exchange]") {
  exchange_with at("committed");
  at.it.input("one\ntwo\n", at.now);
  CHECK(at.write_all() == "{\"vibes_ingest\":{\"ack\":\"committed\"}}\none\ntwo\n");
  at.it.received(greeting + ack(1), at.now);
  at.end_input();
  at.it.received(ack(2), at.now);
  CHECK_FALSE(at.it.ended());
  at.it.closed_by_daemon();
  CHECK(at.it.ended());
  CHECK(at.it.verdict().ok());
}

TEST_CASE("No more than a window of lines is unanswered", "[send_exchange]") {
  exchange_with at("received");
  at.greet();
  std::string lines;
  for (std::uint64_t i = 0; i < send_exchange::window_lines_max; ++i) lines += "{}\n \r\n\n";
  at.it.input(lines, at.now);
  at.it.input("the next\nand its like\nhalf", at.now);
  std::string written = at.write_all();
  CHECK(std::ranges::count(written, '{') == send_exchange::window_lines_max);
  CHECK(written.find("the next") == std::string::npos);
  at.it.received(refusal(1), at.now);
  CHECK(at.write_all().empty());  // it is the ack that says how far it is
  at.it.received(ack(1), at.now);
  CHECK(at.write_all().ends_with("the next\n"));
  at.it.received(ack(3), at.now);
  CHECK(at.write_all() == "and its like\nhalf");
}

TEST_CASE("Input waits for room, and is not held beyond", "[send_exchange]") {
  for (const char* level : {"", "received"}) {
    exchange_with at(level);
    at.greet();
    CHECK(at.it.wants_input());
    at.it.input(std::string(send_exchange::waiting_bytes_max, 'x'), at.now);
    CHECK_FALSE(at.it.wants_input());
    at.it.wrote(1, at.now);
    CHECK(at.it.wants_input());
  }
}

TEST_CASE("A line longer than anything that is held goes out in pieces", "[send_exchange]") {
  exchange_with at("received");
  at.greet();
  std::string written;
  for (int i = 0; i < 100; ++i) {
    REQUIRE(at.it.wants_input());
    at.it.input(std::string(60'000, 'x'), at.now);
    written += at.write_all();
  }
  CHECK(written.size() == 6'000'000);
  at.it.input("\n", at.now);
  at.end_input();
  at.it.received(refusal(1) + ack(1), at.now);
  at.it.closed_by_daemon();
  CHECK(at.it.verdict().code == exit_code::event_refused);
}

TEST_CASE("Refusals are told and counted", "[send_exchange]") {
  exchange_with at("received");
  at.greet();
  at.it.input("a\nb\nc\n", at.now);
  at.end_input();
  at.it.received(refusal(1) + refusal(3) + ack(3), at.now);
  CHECK(at.it.take_refusals() == std::vector<std::string>{R"({"line":1,"code":"invalid_json"})",
                                                          R"({"line":3,"code":"invalid_json"})"});
  CHECK(at.it.take_refusals().empty());
  at.it.closed_by_daemon();
  CHECK(at.it.verdict().code == exit_code::event_refused);
  CHECK(at.it.verdict().complaint == "2 events were refused");
}

TEST_CASE("A refused hello is said, whatever was written behind it", "[send_exchange]") {
  exchange_with at("durable");
  at.it.input("a\n", at.now);
  at.write_all();
  SECTION("seen by reading") {}
  SECTION("seen by writing first") {
    at.it.write_failed("Broken pipe");
  }
  CHECK(at.it.wants_answers());
  at.it.received(R"({"error":{"line":0,"code":"durable_unavailable"}})"
                 "\n",
                 at.now);
  CHECK(at.it.ended());
  CHECK(at.it.verdict().code == exit_code::failed);
  CHECK(at.it.take_refusals().size() == 1);
}

TEST_CASE("A daemon that closes early has not taken everything", "[send_exchange]") {
  SECTION("before it has answered") {
    exchange_with at("received");
    at.greet();
    at.it.input("a\nb\n", at.now);
    at.end_input();
    at.it.received(ack(1), at.now);
    at.it.closed_by_daemon();
    CHECK(at.it.verdict().code == exit_code::unavailable);
    CHECK(at.it.verdict().complaint.ends_with("it has answered for 1 of 2 lines"));
  }
  SECTION("before the end of input") {
    exchange_with at("received");
    at.greet();
    at.it.input("a\n", at.now);
    at.write_all();
    at.it.received(ack(1), at.now);
    at.it.closed_by_daemon();
    CHECK(at.it.verdict().code == exit_code::unavailable);
  }
  SECTION("before it has read everything") {
    exchange_with at("received");
    at.greet();
    at.it.input("a\nb\n", at.now);
    at.it.input_ended(at.now);
    at.it.write_failed("Broken pipe");
    CHECK_FALSE(at.it.closes_writing());
    at.it.received(ack(2), at.now);
    at.it.closed_by_daemon();
    CHECK(at.it.verdict().code == exit_code::unavailable);
  }
  SECTION("without answers, while nothing was to be written") {
    exchange_with at("");
    at.it.closed_by_daemon();
    CHECK(at.it.verdict().code == exit_code::unavailable);
  }
  SECTION("without answers, seen by writing") {
    exchange_with at("");
    at.it.input("a\n", at.now);
    at.it.write_failed("Broken pipe");
    CHECK(at.it.ended());
    CHECK(at.it.verdict().code == exit_code::unavailable);
    CHECK(at.it.verdict().complaint == "failed while writing: Broken pipe");
  }
}

TEST_CASE("The deadline is the daemon's, and begins anew with all that it does",
          "[send_exchange]") {
  exchange_with at("received");
  const auto tick_just_before = [&] {
    REQUIRE(at.it.deadline() == at.now + 1s);
    at.now += 1s - 1ms;
    at.it.tick(at.now);
    REQUIRE_FALSE(at.it.ended());
  };
  tick_just_before();  // it owes the reading of the hello,
  at.write_all();
  tick_just_before();  // the answer to it,
  at.it.received(greeting, at.now);
  CHECK_FALSE(at.it.deadline());
  at.now += 1h;
  at.it.tick(at.now);
  at.it.input("a\n", at.now);
  tick_just_before();  // the reading of a line,
  at.write_all();
  tick_just_before();
  at.it.received(refusal(1), at.now);
  tick_just_before();  // the ack for it,
  at.it.received(ack(1), at.now);
  CHECK_FALSE(at.it.deadline());
  at.now += 1h;
  at.end_input();
  tick_just_before();  // and the end, though not for its own sake.
  at.now += 1ms;
  at.it.tick(at.now);
  CHECK(at.it.ended());
  CHECK(at.it.verdict().code == exit_code::event_refused);
}

TEST_CASE("Who does nothing in time is said, and how far it was", "[send_exchange]") {
  SECTION("an answer") {
    exchange_with at("committed");
    at.greet();
    at.it.input("a\nb\n", at.now);
    at.end_input();
    at.it.received(ack(1), at.now);
    at.now += 1s;
    at.it.tick(at.now);
    CHECK(at.it.verdict().code == exit_code::timed_out);
    CHECK(at.it.verdict().complaint ==
          "the deadline passed while waiting for the answer; it has answered for 1 of 2 lines");
  }
  SECTION("a socket that takes nothing") {
    exchange_with at("");
    at.it.input("a\n", at.now);
    at.now += 1s;
    at.it.tick(at.now);
    CHECK(at.it.verdict().code == exit_code::timed_out);
    CHECK(at.it.verdict().complaint == "the deadline passed while writing");
    CHECK(at.it.output().empty());
  }
}

TEST_CASE("An input that cannot be read to its end is the verdict when all else went well",
          "[send_exchange]") {
  exchange_with at("received");
  at.greet();
  at.it.input("a\nb", at.now);
  at.it.input_failed({exit_code::input_output, "a bad disk"}, at.now);
  CHECK(at.write_all() == "a\nb\n");
  REQUIRE(at.it.closes_writing());
  at.it.writing_closed(at.now);
  at.it.received(ack(2), at.now);
  at.it.closed_by_daemon();
  CHECK(at.it.verdict().code == exit_code::input_output);
}

TEST_CASE("Answers that make no sense end it", "[send_exchange]") {
  const std::string bad[] = {"?\n", "{\"ack\":\"two\"}\n", "{\"ack\":-1}\n", ack(5) + ack(4),
                             std::string(send_exchange::answer_bytes_max + 1, 'x')};
  for (const std::string& each : bad) {
    exchange_with at("received");
    at.greet();
    at.it.received(each, at.now);
    CAPTURE(each.substr(0, 80));
    CHECK(at.it.ended());
    CHECK(at.it.verdict().code == exit_code::failed);
    CHECK(at.it.verdict().complaint.size() < 300);
  }
}

}  // namespace
}  // namespace vibes::test
