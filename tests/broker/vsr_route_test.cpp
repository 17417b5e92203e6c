#include <catch2/catch.hpp>

#include "tests/broker/vsr_visit.hpp"

// What is new with 0.10: routes, sessions that outlive connections, receipts, producers.

namespace vibes::test {
namespace {

using broker::producer_claim;

struct routed_visit : vsr_visit {
  explicit routed_visit(std::size_t nodes = 1) : vsr_visit(generation::iggy_0_10, nodes) {
    line.prepare(4);
  }

  asked send_to(std::uint32_t partition) {
    asked what{operation::send};
    what.incarnation = line.incarnation_of(partition);
    return what;
  }
};

batch one(std::string payload) {
  return {{{1, std::move(payload)}}};
}

TEST_CASE("A route names incarnation, view, partitions and primary", "[vsr]") {
  routed_visit at(3);
  const answered back = at.line.read(command::get_partition_route,
                                     joined({named("s"), named("t"), number(std::uint32_t{2})}));
  const frame_bytes body = back.body();
  REQUIRE(body.size() == 25);
  CHECK(broker::load<std::uint64_t>(body.data()) == at.line.incarnation_of(2));
  CHECK(broker::load<std::uint64_t>(body.data() + 8) == 3);   // login, stream, topic
  CHECK(broker::load<std::uint32_t>(body.data() + 16) == 0);  // view
  CHECK(broker::load<std::uint32_t>(body.data() + 20) == 4);
  CHECK(broker::load<std::uint8_t>(body.data() + 24) == 2);
  const auto asks = [&](std::string_view topic, std::uint32_t partition) {
    return at.line
        .read(command::get_partition_route, joined({named("s"), named(topic), number(partition)}))
        .status();
  };
  CHECK(asks("t", 4) == 3007);
  CHECK(asks("x", 0) == 2010);
}

TEST_CASE("Without the partition's incarnation nothing is done: 87", "[vsr]") {
  routed_visit at;
  asked send = at.send_to(0);
  const std::uint64_t right = send.incarnation;
  for (const std::uint64_t wrong : {std::uint64_t{0}, right + 100, at.line.incarnation_of(1)}) {
    send.incarnation = wrong;
    CHECK(at.line.ask(send, send_body(0, one("x"))).status() == 87);
    asked poll{operation::read, command::poll_messages};
    poll.incarnation = wrong;
    CHECK(at.line.ask(poll, poll_body(0, 1, 0, 1)).status() == 87);
  }
  send.incarnation = right;
  const answered back = at.line.ask(send, send_body(0, one("x")));
  CHECK(confirmed(back) == 0);
  CHECK(broker::load<std::uint8_t>(back.raw.data() + 220) == 1);  // committed
  CHECK(broker::load<std::uint64_t>(back.raw.data() + 224) == right);
  CHECK(broker::load<client_id>(back.raw.data() + 160) == client_id{11, 1});
  send.owner = 5;
  CHECK(at.line.ask(send, send_body(0, one("x"))).status() == 5009);
}

TEST_CASE("A request from the future of the metadata log is not accepted: 58", "[vsr]") {
  routed_visit at;
  frame_bytes raw = at.line.written(at.send_to(0), send_body(0, one("x")));
  broker::save(raw.data() + 216, at.with.vsr().metadata_op() + 1);
  CHECK(at.line.say(raw).status() == 58);
  broker::save(raw.data() + 216, at.with.vsr().metadata_op());
  CHECK(confirmed(at.line.say(raw)) == 0);
}

TEST_CASE("The partition's record tells its incarnation too", "[vsr]") {
  routed_visit at(2);
  const frame_bytes body =
      at.line.read(command::get_topic, joined({named("s"), named("t")})).body();
  constexpr std::size_t record = 64 + 1 + 2 + 1 + 2;  // two nodes, both in step
  REQUIRE(body.size() > 4 * record);
  for (std::uint32_t id = 0; id < 4; ++id) {
    const std::byte* const at_record = body.data() + body.size() - (4 - id) * record;
    CHECK(broker::load<std::uint32_t>(at_record) == id);
    CHECK(broker::load<std::uint64_t>(at_record + 40) == at.line.incarnation_of(id));
    CHECK(broker::load<std::uint64_t>(at_record + 48) == 0);
    CHECK(broker::load<std::uint8_t>(at_record + 64) == 2);
  }
  CHECK(broker::load<std::uint8_t>(body.data() + 32) ==
        1);  // the name's length: 33 bytes before it
}

TEST_CASE("A resend of the same request gets the receipt", "[vsr]") {
  routed_visit at;
  asked send = at.send_to(0);
  CHECK(confirmed(at.line.ask(send, send_body(0, one("before")))) == 0);
  send.request = 300;
  const answered first = at.line.ask(send, send_body(0, one("x")));
  CHECK(confirmed(first) == 1);
  CHECK(confirmed(at.line.ask(send, send_body(0, one("x")))) == 1);
  // On another connection of the session as well.
  vsr_line other(at.with, at.how, 1);
  CHECK(other.bind(at.line).status() == 0);
  CHECK(confirmed(other.ask(send, send_body(0, one("x")))) == 1);
  CHECK(at.with.counters().messages_stored == 2);
  send.request = 172;
  CHECK(at.line.ask(send, send_body(0, one("old"))).status() == 85);
}

TEST_CASE("One send a partition and session is under way at a time", "[vsr]") {
  routed_visit at;
  asked first = at.send_to(0);
  first.request = 500;
  asked second = first;
  second.request = 501;
  asked elsewhere = at.send_to(1);
  elsewhere.request = 502;
  // All of them arrive before the first reply has left.
  frame_bytes replies;
  const frame_bytes all = joined({at.line.written(first, send_body(0, one("a"))),
                                  at.line.written(first, send_body(0, one("a"))),
                                  at.line.written(second, send_body(0, one("b"))),
                                  at.line.written(elsewhere, send_body(1, one("c")))});
  CHECK(at.line.line().receive(all, 1, replies).consumed == all.size());
  REQUIRE(replies.size() == 280 + 256 + 256 + 280);
  const auto status_at = [&](std::size_t begin) {
    return broker::load<std::uint32_t>(replies.data() + begin + 216);
  };
  CHECK(status_at(0) == 0);
  CHECK(status_at(280) == 57);
  CHECK(status_at(536) == 58);
  CHECK(status_at(792) == 0);
  at.line.line().replies_sent();
  CHECK(confirmed(at.line.ask(second, send_body(0, one("b")))) == 1);
}

TEST_CASE("A session is bound by who knows its secret, and outlives its connection", "[vsr]") {
  routed_visit at;
  std::optional<vsr_line> gone(std::in_place, at.with, at.how, 21);
  gone->log_in();
  vsr_line after(at.with, at.how, 22);
  const std::uint64_t session = gone->session();
  CHECK(after.bind(*gone, 8).status() == 40);
  CHECK(after.read(command::get_streams).status() == 40);
  const answered back = after.bind(*gone);
  CHECK(broker::load<std::uint64_t>(back.body().data() + 4) == session);
  gone.reset();
  CHECK(after.read(command::get_streams).status() == 0);
  CHECK(after.change(operation::create_stream, name("theirs")).status() == 0);
  at.with.vsr().forget_all();
  vsr_line late(at.with, at.how, 23);
  CHECK(late.bind(after).status() == 40);
}

TEST_CASE("A login that comes again gets the session it made, with the same secret", "[vsr]") {
  routed_visit at;
  vsr_line again(at.with, at.how, 11);  // the same client
  again.log_in();
  CHECK(again.session() == at.line.session());
  vsr_line thief(at.with, at.how, 11);
  const frame_bytes body = login_body(generation::iggy_0_10, "iggy", "iggy", 9);
  CHECK(thief.ask({operation::login}, body).status() == 40);
}

TEST_CASE("A producer's batch is written once, whoever brings it", "[vsr]") {
  routed_visit at;
  const asked send = at.send_to(0);
  const auto produce = [&](vsr_line& line, producer_claim claim, std::size_t messages) {
    batch made;
    for (std::size_t i = 0; i < messages; ++i) made.messages.push_back({i + 1, "m"});
    made.producer = claim;
    return line.ask(send, send_body(0, made));
  };
  CHECK(confirmed(at.line.ask(send, send_body(0, one("before")))) == 0);
  CHECK(confirmed(produce(at.line, {9, 0, 0}, 3)) == 1);
  CHECK(confirmed(produce(at.line, {9, 0, 3}, 2)) == 4);
  vsr_line other(at.with, at.how, 12);
  other.log_in();
  CHECK(confirmed(produce(other, {9, 0, 3}, 2)) == 4);
  CHECK(confirmed(produce(other, {9, 0, 0}, 3)) == 1);
  CHECK(at.with.counters().messages_stored == 6);
  CHECK(produce(other, {9, 0, 3}, 1).status() == 92);  // as long as it was, or not at all
  CHECK(produce(other, {9, 0, 7}, 1).status() == 92);
  CHECK(produce(other, {9, 1, 5}, 1).status() == 92);
  CHECK(confirmed(produce(other, {9, 1, 0}, 1)) == 6);
  CHECK(produce(at.line, {9, 0, 5}, 1).status() == 93);
  CHECK(produce(at.line, {10, 0, 1}, 1).status() == 94);
  const auto polled = [&] {
    asked poll{operation::read, command::poll_messages};
    poll.incarnation = send.incarnation;
    return polled_messages(at.line.ask(poll, poll_body(0, 1, 2, 3)), generation::iggy_0_10).size();
  };
  CHECK(polled() == 3);  // a slice of a producer's batch has a right checksum too
}

TEST_CASE("A producer has to name its partition", "[vsr]") {
  routed_visit at;
  batch made = one("x");
  made.producer = producer_claim{1, 0, 0};
  const frame_bytes metadata = joined({named("s"), named("t"), number(std::uint8_t{1}),
                                       number(std::uint8_t{0}), number(std::uint32_t{1})});
  const frame_bytes body =
      joined({number(static_cast<std::uint32_t>(metadata.size())), metadata, batch_bytes(made)});
  CHECK(at.line.ask(at.send_to(0), body).status() == 95);
}

}  // namespace
}  // namespace vibes::test
