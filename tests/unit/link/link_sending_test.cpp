#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "tests/unit/link/link_simulation.hpp"

namespace vibes::test {
namespace {

using numbered = std::vector<std::uint64_t>;

link::link_settings in_flight(std::size_t requests_max) {
  link::link_settings settings = link_defaults();
  settings.requests_in_flight_max = requests_max;
  return settings;
}

TEST_CASE("In lockstep the next batch waits for the reply to the last", "[link][sending]") {
  link_simulation at(in_flight(1));
  at.become_ready(2);
  at.offer(0);
  at.offer(1);
  at.offer(0);
  CHECK(at.link.report().sends_in_flight == 1);
  CHECK(lines(at.expect_send()) == numbered{1});
  CHECK(at.silent());
  at.answer(ok());
  CHECK(at.reports.of_line(1) == "committed");
  const seen_send second = at.expect_send();
  CHECK(second.partition == 1);
  CHECK(lines(second) == numbered{2});
  CHECK(at.silent());
  at.answer(ok());
  CHECK(lines(at.expect_send()) == numbered{3});
  at.answer(ok());
  CHECK(at.box.empty());
  CHECK(at.link.report().sends_in_flight == 0);
}

TEST_CASE("What has gathered while waiting goes as one batch", "[link][sending]") {
  link_simulation at(in_flight(1));
  at.become_ready(1);
  for (int i = 0; i < 10; ++i) at.offer(0);
  at.expect_send();
  at.answer(ok());
  CHECK(lines(at.expect_send()) == numbered{2, 3, 4, 5, 6, 7, 8, 9, 10});
}

TEST_CASE("Pipelined, each partition has one batch in flight", "[link][sending]") {
  link_simulation at(in_flight(8));
  at.become_ready(4);
  for (protocol::session_hash session : {0u, 1u, 2u, 0u, 3u, 1u}) at.offer(session);
  CHECK(at.link.report().sends_in_flight == 4);
  for (const std::uint32_t partition : {0u, 1u, 2u, 3u}) {
    CHECK(at.expect_send().partition == partition);
  }
  CHECK(at.silent());

  SECTION("replies come one by one, each frees its partition") {
    at.answer(ok());
    CHECK(lines(at.expect_send()) == numbered{4});
    at.answer(ok());
    CHECK(lines(at.expect_send()) == numbered{6});
    CHECK(at.silent());
  }
  SECTION("all replies come in one read") {
    at.answer(ok() + ok() + ok() + ok());
    CHECK(at.box.counters().committed_events == 4);
    CHECK(lines(at.expect_send()) == numbered{4});
    CHECK(lines(at.expect_send()) == numbered{6});
    at.answer(ok() + ok());
    CHECK(at.box.empty());
  }
  SECTION("a read ends in the middle of the second reply") {
    const std::string replies = ok() + ok();
    for (std::size_t cut = 0; cut <= replies.size(); ++cut) {
      link_simulation other(in_flight(2));
      other.become_ready(2);
      other.offer(0);
      other.offer(1);
      if (cut > 0) other.answer(replies.substr(0, cut));
      REQUIRE(other.box.counters().committed_events == cut / ok().size());
      if (cut < replies.size()) other.answer(replies.substr(cut));
      REQUIRE(other.box.empty());
    }
  }
}

TEST_CASE("Pipelining stops at its limit", "[link][sending]") {
  link_simulation at(in_flight(3));
  at.become_ready(5);
  for (protocol::session_hash session = 0; session < 5; ++session) at.offer(session);
  for (int i = 0; i < 3; ++i) at.expect_send();
  CHECK(at.silent());
  at.answer(ok());
  CHECK(at.expect_send().partition == 3);
  CHECK(at.silent());
}

TEST_CASE("A request may be written in pieces of any size", "[link][sending]") {
  for (std::size_t size = 1; size < 40; ++size) {
    CAPTURE(size);
    link_simulation at;
    at.become_ready(1);
    at.offer(0);
    std::string written;
    while (!at.link.output().empty()) {
      link::frame_output::spans spans;
      REQUIRE(at.link.output().gather(spans) > 0);
      const std::size_t some = std::min(size, spans[0].size());
      written.append(reinterpret_cast<const char*>(spans[0].data()), some);
      at.link.wrote(some, at.now);
    }
    request_reader reader;
    reader.feed(written);
    const auto request = reader.next();
    REQUIRE(request);
    REQUIRE(lines(read_send(*request)) == numbered{1});
    at.answer(ok());
    REQUIRE(at.box.empty());
  }
}

TEST_CASE("An event lingers, unless a producer waits for its commit", "[link][sending]") {
  store::outbox_limits limits = eager_outbox();
  limits.batch.linger = 5ms;
  link_simulation at(in_flight(1), limits);
  at.become_ready(1);
  at.offer(0);
  CHECK(at.silent());
  CHECK(at.link.wake_at() == at.now + 5ms);
  at.pass(2ms);
  at.offer(0);
  at.pass(3ms - 1ns);
  CHECK(at.silent());
  at.pass(1ns);
  CHECK(lines(at.expect_send()) == numbered{1, 2});
  at.answer(ok());

  store::new_event awaited = awaited_event_of(0);
  at.box.offer(awaited, at.now, at.now);
  at.link.tick(at.now);
  CHECK(at.expect_send().messages.size() == 1);
}

TEST_CASE("A reply that does not come ends the connection", "[link][sending]") {
  link_simulation at(in_flight(8));
  at.become_ready(2);
  at.offer(0);
  at.pass(4s);
  at.offer(1);
  at.expect_send();
  at.expect_send();
  at.pass(1s);
  at.expect(code::ping);
  at.pass(5s - 1ns);
  CHECK(at.state() == link_state::ready);
  at.pass(1ns);
  CHECK(at.state() == link_state::closing);
  CHECK(at.link.take_event() == link_event::lost);
  CHECK(at.link.report().last_error == make_error_code(boost::system::errc::timed_out));
  CHECK(at.link.report().last_error_during == protocol::command::send_messages);
  CHECK(at.link.report().sends_in_flight == 0);
  CHECK_FALSE(at.link.report().gen);
  CHECK_FALSE(at.work.link_is_up());
}

TEST_CASE("A late reply in time keeps the connection", "[link][sending]") {
  link_simulation at;
  at.become_ready(1);
  for (std::uint64_t line = 1; line <= 20; ++line) {
    at.offer(0);
    at.pass(10s - 1ns);
    REQUIRE(at.state() == link_state::ready);
    // The ping and the refresh that went out meanwhile are answered behind the send.
    std::string replies;
    int sends = 0;
    while (const std::optional<seen_request> each = at.next()) {
      replies += each->code == code::get_topic ? topic_reply(1) : ok();
      sends += each->code == code::send ? 1 : 0;
    }
    CHECK(sends == 1);
    at.answer(replies);
    REQUIRE(at.state() == link_state::ready);
    CHECK(at.reports.of_line(line) == "committed");
  }
  CHECK(at.box.empty());
  CHECK(at.link.report().connections == 1);
}

TEST_CASE("What a lost connection had in flight goes first on the next", "[link][sending]") {
  for (const std::size_t requests_max : {std::size_t{1}, std::size_t{8}}) {
    CAPTURE(requests_max);
    link_simulation at(in_flight(requests_max));
    at.become_ready(2);
    for (protocol::session_hash session : {0u, 0u, 1u, 0u, 1u}) at.offer(session);
    const seen_send first = at.expect_send();
    CHECK(lines(first) == numbered{1});
    at.fails();
    CHECK(at.work.out() == 0);
    CHECK(at.box.queue().usage().events == 5);
    at.offer(0);  // news from the producers while the link is down
    at.closes();
    at.sleep_through();
    at.become_ready(2);

    const seen_send again = at.expect_send();
    CHECK(again.partition == first.partition);
    CHECK(lines(again) == numbered{1});  // alone, as it was formed
    while (!at.box.empty()) at.answer(ok());
    // With one request at a time the oldest goes next; with several, 3 was in flight with 1.
    const std::vector<numbered> expected = requests_max == 1
                                               ? std::vector<numbered>{{2, 4, 6}, {3, 5}}
                                               : std::vector<numbered>{{3}, {2, 4, 6}, {5}};
    for (const numbered& each : expected) CHECK(lines(at.expect_send()) == each);
    CHECK(at.silent());
    CHECK(at.box.counters().committed_events == 6);
  }
}

TEST_CASE("A message over the limit of the wire is refused without asking", "[link][sending]") {
  store::outbox_limits limits = eager_outbox();
  limits.batch.linger = 5ms;
  limits.batch.bytes_max = 32 << 20;
  link_simulation at(in_flight(1), limits);
  at.become_ready(1);
  at.offer(0);
  at.offer(0, protocol::payload_size_max);
  at.offer(0);
  at.pass(5ms);
  CHECK(lines(at.expect_send()) == numbered{1});
  at.answer(ok());
  CHECK(lines(at.expect_send()) == numbered{3});
  at.answer(ok());
  CHECK(at.reports.of_line(2) == "refused_by_iggy");
  CHECK(at.link.report().last_error == protocol::wire_errc::payload_too_large);
  CHECK(at.link.take_event() == link_event::event_refused);
  CHECK(at.box.losses().total() == 1);
  CHECK(at.state() == link_state::ready);
}

}  // namespace
}  // namespace vibes::test
