#include "daemon/link/link_flow.hpp"

#include <catch2/catch.hpp>
#include <deque>

#include "tests/unit/store/queue_support.hpp"

// How much is on its way, and when a connection that does not move is given up.

namespace vibes::test {
namespace {

using namespace std::chrono_literals;
using link::link_flow;

constexpr duration reply_timeout = 10s;
constexpr std::size_t kib = 1 << 10;

/// The requests of one connection, answered in their order.
struct connection {
  link_flow flow{reply_timeout};
  std::deque<link_flow::sent> unanswered;
  time_point now = start_of_time;
  std::uint64_t pushed = 0;

  void send(std::size_t bytes) {
    unanswered.push_back(flow.send(pushed, pushed + bytes, now));
    pushed += bytes;
  }
  void answer() {
    const link_flow::sent oldest = unanswered.front();
    unanswered.pop_front();
    flow.answered(oldest, true, now);
  }
  void acknowledge(std::uint64_t bytes) { flow.acknowledged(bytes, unanswered.front(), now); }
  bool silent() const { return now >= flow.silent_at(unanswered.front()); }
};

TEST_CASE("A connection begins with 64 KiB on its way", "[link][flow]") {
  connection at;
  CHECK(at.flow.may_send());
  CHECK(at.flow.send_bytes_max() == 64 * kib);
  at.send(40 * kib);
  CHECK(at.flow.may_send());
  CHECK(at.flow.send_bytes_max() == 24 * kib);
  at.send(24 * kib);
  CHECK_FALSE(at.flow.may_send());
}

TEST_CASE("What is left of a window is not worth a request of its own when it is little",
          "[link][flow]") {
  connection at;
  at.send(49 * kib);
  CHECK_FALSE(at.flow.may_send());
  at.answer();
  CHECK(at.flow.may_send());
}

TEST_CASE("The window doubles when a full one is answered within half of the timeout",
          "[link][flow]") {
  connection at;
  at.send(64 * kib);
  at.now += reply_timeout / 2;
  at.answer();
  CHECK(at.flow.window_bytes() == 128 * kib);

  SECTION("and halves when the next one takes longer") {
    at.send(128 * kib);
    at.now += reply_timeout / 2 + 1ms;
    at.answer();
    CHECK(at.flow.window_bytes() == 64 * kib);
  }
  SECTION("and stays when little was on its way, which says nothing of how much could be") {
    for (int i = 0; i < 20; ++i) {
      at.send(1 * kib);
      at.answer();
    }
    CHECK(at.flow.window_bytes() == 128 * kib);
  }
}

TEST_CASE("The window changes once for all that was on its way together", "[link][flow]") {
  connection at;
  for (int i = 0; i < 4; ++i) at.send(16 * kib);

  SECTION("by doubling") {
    at.now += 1s;
    for (int i = 0; i < 4; ++i) at.answer();
    CHECK(at.flow.window_bytes() == 128 * kib);
  }
  SECTION("by halving") {
    at.now += 6s;
    for (int i = 0; i < 4; ++i) at.answer();
    CHECK(at.flow.window_bytes() == 32 * kib);
  }
}

TEST_CASE("The window has a floor and a ceiling", "[link][flow]") {
  connection at;
  for (int i = 0; i < 10; ++i) {
    at.send(at.flow.window_bytes());
    at.now += 6s;
    at.answer();
  }
  CHECK(at.flow.window_bytes() == link_flow::window_min_bytes);
  for (int i = 0; i < 30; ++i) {
    at.send(at.flow.window_bytes());
    at.answer();
  }
  CHECK(at.flow.window_bytes() == link_flow::window_max_bytes);
}

TEST_CASE("A request without an answer is silent after the timeout", "[link][flow]") {
  connection at;
  at.send(100);
  at.now += reply_timeout - 1ms;
  CHECK_FALSE(at.silent());
  at.now += 1ms;
  CHECK(at.silent());
}

TEST_CASE("Bytes that TCP acknowledges put the silence off, from one KiB on", "[link][flow]") {
  connection at;
  at.send(64 * kib);
  at.now += 9s;

  SECTION("a KiB is progress") {
    at.acknowledge(1 * kib);
    at.now += reply_timeout - 1ms;
    CHECK_FALSE(at.silent());
    at.now += 1ms;
    CHECK(at.silent());
  }
  SECTION("less is none") {
    at.acknowledge(1 * kib - 1);
    at.now += 1s;
    CHECK(at.silent());
  }
  SECTION("a KiB that came in pieces is progress") {
    at.acknowledge(600);
    at.acknowledge(1'200);
    at.now += 1s;
    CHECK_FALSE(at.silent());
  }
  SECTION("what was acknowledged before does not count again") {
    at.acknowledge(1 * kib);
    at.now += 9s;
    at.acknowledge(1 * kib + 100);
    at.now += 1s;
    CHECK(at.silent());
  }
}

TEST_CASE("A request that TCP has acknowledged whole waits for its reply alone", "[link][flow]") {
  connection at;
  at.send(2 * kib);
  at.send(60 * kib);
  at.acknowledge(2 * kib);
  at.now += 9s;
  at.acknowledge(62 * kib);  // of the younger request
  at.now += 1s;
  CHECK(at.silent());
}

TEST_CASE("A reply to a younger request proves nothing for the oldest", "[link][flow]") {
  connection at;
  at.send(100);
  at.send(100);
  at.now += 9s;
  at.flow.answered(at.unanswered.back(), false, at.now);
  at.unanswered.pop_back();
  at.now += 1s;
  CHECK(at.silent());
}

TEST_CASE("A reply begins the wait of the next request anew", "[link][flow]") {
  connection at;
  at.send(100);
  at.send(100);
  at.now += 9s;
  at.answer();
  at.now += 9s;
  CHECK_FALSE(at.silent());
  at.now += 1s;
  CHECK(at.silent());
}

TEST_CASE("A request larger than the window is allowed the time of as many windows",
          "[link][flow]") {
  connection at;
  at.send(200 * kib);
  at.now += 4 * reply_timeout - 1ms;
  CHECK_FALSE(at.silent());
  at.now += 1ms;
  CHECK(at.silent());

  connection huge;
  huge.send(64 << 20);
  CHECK(huge.unanswered.front().patience == link_flow::patience_max);
}

TEST_CASE("TCP is asked eight times in a timeout, until it has acknowledged the oldest request",
          "[link][flow]") {
  connection at;
  at.send(64 * kib);
  const auto sample_at = [&] { return at.flow.sample_at(at.unanswered.front()); };
  CHECK(sample_at() == at.now + reply_timeout / 8);
  at.now = sample_at();
  at.flow.sampled(at.now);
  CHECK(sample_at() == at.now + reply_timeout / 8);
  at.acknowledge(64 * kib);
  CHECK(sample_at() == time_point::max());
}

/// A link of 20 kB/s with a round trip of 300 ms, whose proxy acknowledges nothing in advance.
TEST_CASE("At 20 kB/s and 300 ms no request outlives its deadline", "[link][flow]") {
  connection at;
  constexpr std::uint64_t bytes_per_s = 20'000;
  time_point free_at = at.now;  // when the link has carried what it was given
  std::deque<time_point> answers;
  std::size_t left = 4'000'000;
  duration longest{};
  while (left > 0 || !at.unanswered.empty()) {
    if (left > 0 && at.flow.may_send()) {
      const std::size_t bytes = std::min(left, at.flow.send_bytes_max());
      at.send(bytes);
      left -= bytes;
      free_at =
          std::max(free_at, at.now) + std::chrono::microseconds(bytes * 1'000'000 / bytes_per_s);
      answers.push_back(free_at + 300ms);
      continue;
    }
    at.now = answers.front();
    answers.pop_front();
    longest = std::max<duration>(longest, at.now - at.unanswered.front().at);
    at.answer();
  }
  CHECK(longest < reply_timeout);
  CHECK(at.now - start_of_time < 230s);
}

}  // namespace
}  // namespace vibes::test
