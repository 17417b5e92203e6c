#include <catch2/catch.hpp>

#include "tests/broker/vsr_visit.hpp"

// Sends of both VSR generations, and polls of what they wrote.

namespace vibes::test {
namespace {

using broker::save;
using polls = std::vector<std::pair<std::uint64_t, std::string>>;

TEST_CASE("A batch that its checksums do not fit is met with silence", "[vsr]") {
  struct spoiling {
    std::size_t at;
    const char* what;
  };
  const spoiling all[] = {{24, "origin"},
                          {32, "length"},
                          {40, "checksum"},
                          {48, "count"},
                          {80, "reserved"},
                          {256, "frame checksum"},
                          {256 + 8, "id"},
                          {256 + 24, "delta"},
                          {256 + 40, "frame reserved"},
                          {256 + 48, "text"},
                          {256 + 36, "payload length"}};
  vsr_visit at(generation::iggy_0_9);
  at.line.prepare(1);
  for (const spoiling& each : all) {
    CAPTURE(each.what);
    frame_bytes spoilt = batch_bytes({{{1, "hello"}}});
    spoilt[each.at] ^= std::byte{1};
    CHECK(at.line.change(operation::send, send_body(0, spoilt, 1)).silent());
  }
  CHECK(at.line.change(operation::send, send_body(0, batch_bytes({{{1, "x"}}}), 2)).silent());
  CHECK(at.line.change(operation::send, send_body(0, batch_bytes({}), 0)).silent());
  CHECK(at.with.counters().requests_dropped == std::size(all) + 2);
  CHECK(at.with.counters().messages_stored == 0);
  CHECK(confirmed(at.line.change(operation::send, send_body(0, {{{1, "hello"}}}))) == 0);
}

/// Two messages, the second with a user header, whose checksums were computed by other means.
frame_bytes known_batch(const std::string& origin_to_count, const std::string& producer) {
  frame_bytes head = joined({frame_bytes(24), from_hex(origin_to_count), from_hex(producer)});
  head.resize(256);
  return joined({head, from_hex("8e5ca59edbbdbfb901000000000000000000000000000000"
                                "000000000000000000000000050000000000000000000000"
                                "68656c6c6f"
                                "b23d9a0b77a8ad5c02000000000000000000000000000000"
                                "01000000070000000c000000060000000000000000000000"
                                "776f726c6421"
                                "02010000006b020100000076")});
}

TEST_CASE("Batches with known checksums are sound, with and without a producer", "[vsr]") {
  const frame_bytes plain =
      known_batch("00401e18240a06007701000000000000a130195fd8117bfe02000000", "");
  vsr_visit old(generation::iggy_0_9);
  old.line.prepare(1);
  CHECK(confirmed(old.line.change(operation::send, send_body(0, plain, 2))) == 0);

  const frame_bytes produced =
      known_batch("00401e18240a06007701000000000000728c326b9bc0fff702000000",
                  "010000000000702601000000030000000a000000");
  CHECK(old.line.change(operation::send, send_body(0, produced, 2)).silent());
  vsr_visit fresh(generation::iggy_0_10);
  fresh.line.prepare(1);
  asked send{operation::send};
  send.incarnation = fresh.line.incarnation_of(0);
  CHECK(confirmed(fresh.line.ask(send, send_body(0, plain, 2))) == 0);
  // Sound, but the producer begins in the middle.
  CHECK(fresh.line.ask(send, send_body(0, produced, 2)).status() == 94);
}

TEST_CASE("0.9 takes a repeated number for a repetition, and an old one too", "[vsr]") {
  vsr_visit at(generation::iggy_0_9);
  at.line.prepare(2);
  const auto send = [&](std::uint64_t request, std::uint32_t partition, std::string payload) {
    return at.line.ask({operation::send, command::ping, request},
                       send_body(partition, {{{request, std::move(payload)}}}));
  };
  CHECK(confirmed(send(200, 0, "first")) == 0);
  CHECK(confirmed(send(200, 0, "again")) == std::nullopt);
  CHECK(confirmed(send(200, 1, "elsewhere")) == 0);       // each partition counts for itself
  CHECK(confirmed(send(100, 0, "later")) == 1);           // going back within the window
  CHECK(confirmed(send(72, 0, "lost")) == std::nullopt);  // the trap: never stored
  CHECK(confirmed(send(73, 0, "just in time")) == 2);
  const auto polled = at.line.read(command::poll_messages, poll_body(0, 1, 0, 10));
  CHECK(polled_messages(polled, generation::iggy_0_9) ==
        polls{{0, "first"}, {1, "later"}, {2, "just in time"}});
  CHECK(at.with.counters().messages_repeated == 2);
}

TEST_CASE("Another session of the same numbers is not a repetition", "[vsr]") {
  vsr_visit at(generation::iggy_0_9);
  at.line.prepare(1);
  vsr_line other(at.with, at.how, 12);
  other.log_in();
  for (vsr_line* line : {&at.line, &other})
    CHECK(confirmed(line->ask({operation::send, command::ping, 9}, send_body(0, {{{1, "x"}}}))));
}

TEST_CASE("A send to what is not there is refused", "[vsr]") {
  vsr_visit old(generation::iggy_0_9);
  old.line.prepare(1);
  CHECK(old.line.change(operation::send, send_body(1, {{{1, "x"}}})).status() == 20);
  old.with.data().forget_all();
  CHECK(old.line.change(operation::send, send_body(0, {{{1, "x"}}})).status() == 20);

  vsr_visit fresh(generation::iggy_0_10);
  fresh.line.prepare(1);
  const auto send = [&] {
    return fresh.line.change(operation::send, send_body(1, {{{1, "x"}}})).status();
  };
  CHECK(send() == 3007);
  broker::stream& in = *fresh.with.data().find("s");
  fresh.with.data().remove(in, *in.find("t"));
  CHECK(send() == 2010);
  fresh.with.data().forget_all();
  CHECK(send() == 1009);
}

TEST_CASE("0.9 finds a partition by key itself, 0.10 leaves that to the client", "[vsr]") {
  const frame_bytes sent = batch_bytes({{{1, "x"}}});
  const frame_bytes by_key = joined({number(std::uint8_t{3}), name("sess-2")});
  const frame_bytes metadata = joined({named("s"), named("t"), by_key, number(std::uint32_t{1})});
  const frame_bytes body =
      joined({number(static_cast<std::uint32_t>(metadata.size())), metadata, sent});
  vsr_visit old(generation::iggy_0_9);
  old.line.prepare(8);
  CHECK(confirmed(old.line.change(operation::send, body)) == 0);
  CHECK(old.with.data().find("s", "t")->partitions[3]->messages() == 1);
  vsr_visit fresh(generation::iggy_0_10);
  fresh.line.prepare(8);
  CHECK(fresh.line.change(operation::send, body).status() != 0);
}

TEST_CASE("A poll gives batches back, and slices of them", "[vsr]") {
  for (const generation speaks : {generation::iggy_0_9, generation::iggy_0_10}) {
    vsr_visit at(speaks);
    at.line.prepare(1);
    asked route{operation::send};
    if (speaks == generation::iggy_0_10) route.incarnation = at.line.incarnation_of(0);
    at.line.ask(route, send_body(0, {{{1, "a"}, {2, "b"}, {3, "c"}}}), 1'000);
    at.line.ask(route, send_body(0, {{{4, "d"}, {5, "e"}}}), 2'000);
    const auto poll = [&](std::uint8_t strategy, std::uint64_t value, std::uint32_t count) {
      asked read{operation::read, command::poll_messages};
      read.incarnation = route.incarnation;
      return polled_messages(at.line.ask(read, poll_body(0, strategy, value, count, strategy == 5)),
                             speaks);
    };
    CHECK(poll(1, 0, 100) == polls{{0, "a"}, {1, "b"}, {2, "c"}, {3, "d"}, {4, "e"}});
    CHECK(poll(1, 1, 3) == polls{{1, "b"}, {2, "c"}, {3, "d"}});
    CHECK(poll(1, 1, 1) == polls{{1, "b"}});
    CHECK(poll(1, 5, 1).empty());
    CHECK(poll(2, 1'500, 10) == polls{{3, "d"}, {4, "e"}});
    CHECK(poll(3, 0, 2) == polls{{0, "a"}, {1, "b"}});
    CHECK(poll(4, 0, 2) == polls{{3, "d"}, {4, "e"}});
    CHECK(poll(5, 0, 4) == polls{{0, "a"}, {1, "b"}, {2, "c"}, {3, "d"}});
    CHECK(poll(5, 0, 4) == polls{{4, "e"}});
  }
}

TEST_CASE("Consumer offsets are stored, read and deleted", "[vsr]") {
  for (const generation speaks : {generation::iggy_0_9, generation::iggy_0_10}) {
    vsr_visit at(speaks);
    at.line.prepare(1);
    const std::uint64_t incarnation =
        speaks == generation::iggy_0_10 ? at.line.incarnation_of(0) : 0;
    const auto ask = [&](operation does, const frame_bytes& rest) {
      asked what{does, command::get_consumer_offset};
      what.incarnation = incarnation;
      return at.line.ask(what, joined({number(std::uint8_t{1}), named("c"), named("s"), named("t"),
                                       number(std::uint8_t{1}), number(std::uint32_t{0}), rest}));
    };
    const frame_bytes quorum = number(std::uint8_t{1});
    const frame_bytes offset = number(std::uint64_t{1});
    CHECK(ask(operation::store_offset, joined({offset, quorum})).status() == 4100);
    CHECK(ask(operation::delete_offset, quorum).status() == 3021);
    at.line.ask({operation::send, command::ping, {}, {}, {}, {}, incarnation},
                send_body(0, {{{1, "a"}, {2, "b"}}}));
    CHECK(ask(operation::read, {}).body().empty());
    CHECK(ask(operation::store_offset, joined({offset, quorum})).body().empty());
    CHECK(to_hex(ask(operation::read, {}).body()) ==
          to_hex(joined({number(std::uint32_t{0}), offset, offset})));
    CHECK(ask(operation::delete_offset, quorum).status() == 0);
    CHECK(ask(operation::read, {}).body().empty());
  }
}

}  // namespace
}  // namespace vibes::test
