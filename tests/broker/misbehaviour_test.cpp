#include "tests/broker/misbehaviour.hpp"

#include <catch2/catch.hpp>

#include "tests/broker/visit.hpp"

// What a test can make of the broker, by the knobs.

namespace vibes::test {
namespace {

using broker::misbehaviour;

const frame_bytes ping = request(command::ping);

TEST_CASE("A stalling broker reads and says nothing, then or later", "[misbehaviour]") {
  visit at;
  at.prepare(1);
  at.how().set.stall = true;
  const frame_bytes one = send(to_partition(0), {{1, "x"}});
  const heard back = at.say(joined({one, ping, one}));
  CHECK(back.consumed == 2 * one.size() + ping.size());
  CHECK(back.replies.empty());
  CHECK_FALSE(back.hang_up);
  CHECK(at.with().counters().messages_stored == 0);
  CHECK(at.with().counters().requests.at(command::send_messages) == 2);
  at.how().behave();
  // Its line stays silent: an answer now would be taken for that to an earlier request.
  CHECK(at.say(ping).replies.empty());
  CHECK(at.say(request(999)).replies.empty());
  CHECK(at.say(joined({number(std::uint32_t{0}), number(std::uint32_t{0})})).replies.empty());
  frame_bytes last;
  at.line().announce_end(last);
  CHECK(last.empty());
  misbehaviour none;
  broker::conversation other(at.with(), none, "127.0.0.1:50001");
  frame_bytes replies;
  other.receive(ping, 1, replies);
  CHECK(to_hex(replies) == to_hex(status_frame(0)));
}

TEST_CASE("Garbage is an answer in another protocol and the end of the line", "[misbehaviour]") {
  visit at;
  at.how().set.garbage = true;
  const heard back = at.say(joined({ping, ping}));
  CHECK(std::string(broker::as_text(back.replies)).starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(back.replies.size() < 200);  // one answer, not two
  CHECK(back.consumed == ping.size());
  CHECK(back.hang_up);
}

TEST_CASE("A scripted answer is given to its command, so many times", "[misbehaviour]") {
  visit at;
  at.prepare(1);
  const frame_bytes one = send(to_partition(0), {{1, "x"}});
  at.how().answer(3009, command::send_messages, 2);
  at.how().answer(0, command::get_streams, 1);
  CHECK(at.succeeds(ping).empty());
  CHECK(to_hex(at.say(one).replies) == to_hex(status_frame(3009)));
  CHECK(to_hex(at.say(one).replies) == to_hex(status_frame(3009)));
  CHECK(at.with().counters().messages_stored == 0);
  at.succeeds(one);
  CHECK(at.with().counters().messages_stored == 1);
  CHECK(at.succeeds(request(command::get_streams)).empty());  // though there is one
  CHECK(at.succeeds(request(command::get_streams)).size() > 0);
}

TEST_CASE("Scripted answers of one command are given in the order they were told",
          "[misbehaviour]") {
  misbehaviour how;
  how.answer(1, command::ping, 1);
  how.answer(2, command::get_me, 1);
  how.answer(3, command::ping, 2);
  how.answer(4, command::ping, 0);  // none at all
  const auto next = [&](command asked) {
    const misbehaviour::plan planned = how.for_request(asked);
    return planned.what == broker::fate::answer_status ? planned.code : 99;
  };
  CHECK(next(command::ping) == 1);
  CHECK(next(command::ping) == 3);
  CHECK(next(command::ping) == 3);
  CHECK(next(command::ping) == 99);
  CHECK(next(command::get_me) == 2);
  CHECK(next(command::get_me) == 99);
}

TEST_CASE("The n-th send is stored, not answered, and ends its line", "[misbehaviour]") {
  visit at;
  at.prepare(1);
  at.how().cut_after_store(2);
  at.succeeds(send(to_partition(0), {{1, "a"}}));
  at.refuses(status::partition_not_found, send(to_partition(7), {{9, "x"}}));  // not stored
  at.succeeds(ping);
  const frame_bytes second = send(to_partition(0), {{2, "b"}});
  const heard back = at.say(joined({ping, second, ping}));
  CHECK(to_hex(back.replies) == to_hex(status_frame(0)));  // the first ping's alone
  CHECK(back.consumed == ping.size() + second.size());
  CHECK(back.hang_up);
  CHECK(at.with().counters().messages_stored == 2);
  // It is used up.
  at.succeeds(send(to_partition(0), {{3, "c"}}));
  CHECK(polled_from(at.succeeds(poll(0, 0, 10))) ==
        std::vector<polled>{{0, 1, "a"}, {1, 2, "b"}, {2, 3, "c"}});
}

struct pass_step {
  std::size_t asked;
  std::size_t passed;
  bool cut;
};

template <class Pass>
void check_passing(std::initializer_list<pass_step> steps, Pass pass) {
  for (const pass_step& each : steps) {
    const misbehaviour::allowance got = pass(each.asked);
    CHECK(got.count == each.passed);
    CHECK(got.cut == each.cut);
  }
}

TEST_CASE("A line is cut at the byte that was told, in each direction", "[misbehaviour]") {
  misbehaviour how;
  const auto sent = [&](std::size_t count) { return how.may_send(count); };
  const auto received = [&](std::size_t count) { return how.may_receive(count); };
  check_passing({{1'000'000, 1'000'000, false}}, sent);
  how.cut_after_sent(100);
  how.cut_after_received(10);
  check_passing({{60, 60, false}, {0, 0, false}, {39, 39, false}, {5, 1, true}, {5, 5, false}},
                sent);
  check_passing({{10, 10, true}, {10, 10, false}}, received);
  how.cut_after_sent(7);
  check_passing({{8, 7, true}}, sent);
  how.cut_after_received(7);
  how.behave();
  check_passing({{8, 8, false}}, received);
}

TEST_CASE("To behave puts every knob back", "[misbehaviour]") {
  misbehaviour how;
  how.set = {true, true, true, 250};
  how.answer(3, command::ping, 5);
  how.cut_after_store(1);
  how.cut_after_sent(1);
  how.behave();
  CHECK_FALSE(how.set.refuse);
  CHECK_FALSE(how.set.stall);
  CHECK_FALSE(how.set.garbage);
  CHECK(how.set.delay_ms == 0);
  CHECK(how.for_request(command::ping).what == broker::fate::serve);
  CHECK_FALSE(how.cuts_this_store());
  CHECK_FALSE(how.may_send(5).cut);
}

TEST_CASE("A server that ends may say status 8, which answers nothing", "[misbehaviour]") {
  visit at;
  frame_bytes last;
  at.line().announce_end(last);
  CHECK(to_hex(last) == "0800000000000000");
}

}  // namespace
}  // namespace vibes::test
