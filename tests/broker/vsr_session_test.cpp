#include <catch2/catch.hpp>

#include "tests/broker/vsr_visit.hpp"

// Who may come in, under which version, and what a VSR server does with a header that is wrong.

namespace vibes::test {
namespace {

using broker::eviction;
using broker::save;

constexpr generation both[] = {generation::iggy_0_9, generation::iggy_0_10};

std::uint8_t reason(eviction why) {
  return static_cast<std::uint8_t>(why);
}

TEST_CASE("The version is looked at before anything else, and the answer names the one spoken",
          "[vsr]") {
  for (const generation speaks : both) {
    vsr_visit at(speaks);
    const frame_bytes probe = joined({number(std::uint32_t{0x3FFFFFFF}), name("probe"), name("1")});
    const answered back = at.line.ask({operation::login}, probe);
    CHECK(back.reason() == reason(eviction::incompatible_protocol));
    CHECK(back.version() == (speaks == generation::iggy_0_9 ? version_0_11 : version_0_12));
    CHECK(broker::load<std::uint32_t>(back.raw.data() + 148) == back.version());
    CHECK(back.raw.size() == 256);
    // The connection is not closed for it.
    CHECK(at.line.log_in().status() == 0);
  }
}

TEST_CASE("0.9 takes every patch of its version, 0.10 only the one", "[vsr]") {
  for (const generation speaks : both) {
    vsr_visit at(speaks);
    frame_bytes body = login_body(speaks, "iggy", "iggy");
    save(body.data(), broker::load<std::uint32_t>(body.data()) + 1);
    const answered back = at.line.ask({operation::login}, body);
    if (speaks == generation::iggy_0_9)
      CHECK(back.status() == 0);
    else
      CHECK(back.reason() == reason(eviction::incompatible_protocol));
  }
}

TEST_CASE("A login says who may come in, by password or by token", "[vsr]") {
  for (const generation speaks : both) {
    broker::broker_options options;
    options.speaks = speaks;
    options.token = "a-token";
    broker::broker with(options);
    broker::misbehaviour how;
    vsr_line line(with, how, 5);
    CHECK(line.log_in("wrong").reason() == reason(eviction::invalid_credentials));
    CHECK(line.ask({operation::login}, number(std::uint16_t{1})).reason() ==
          reason(eviction::malformed_login));
    frame_bytes front = login_body(speaks, "", "");
    front.resize(front.size() - 6);
    const auto with_token = [&](std::string_view token) {
      return line.ask({operation::login}, joined({front, name(token), number(std::uint32_t{0})}));
    };
    CHECK(with_token("another").reason() == reason(eviction::invalid_token));
    const answered back = with_token("a-token");
    CHECK(back.status() == 0);
    const frame_bytes body = back.body();
    CHECK(broker::load<std::uint32_t>(body.data()) == 0);  // root
    CHECK(broker::load<std::uint64_t>(body.data() + 4) > 0);
    CHECK(broker::load<std::uint32_t>(body.data() + 12) ==
          (speaks == generation::iggy_0_9 ? version_0_11 : version_0_12));
    CHECK(body.size() == 17 + (speaks == generation::iggy_0_9 ? 5 : 6));  // "0.9.0", "0.10.0"
  }
}

TEST_CASE("Before a login a ping is answered, a read is refused, a change evicted", "[vsr]") {
  for (const generation speaks : both) {
    vsr_visit at(speaks);
    CHECK(at.line.read(command::ping).status() == 0);
    CHECK(at.line.read(command::get_stats).status() == 40);
    const asked change{operation::create_stream, command::ping, 1, 1};
    CHECK(at.line.ask(change, name("s")).reason() == reason(eviction::no_session));
    CHECK(at.line.read(command::login_user).reason() == reason(eviction::malformed_login));
    CHECK(at.line.ask({operation::logout, command::ping, 1, 1}).status() == 0);
    CHECK(at.with.data().streams().empty());
  }
}

TEST_CASE("A header that breaks a rule is dropped without a word", "[vsr]") {
  for (const generation speaks : both) {
    vsr_visit at(speaks);
    at.line.prepare(1);
    const frame_bytes body = login_body(speaks, "iggy", "iggy");
    CHECK(at.line.ask({operation::read, command::ping, {}, {}, client_id{}}).silent());
    CHECK(at.line.ask({operation::login, command::ping, 1}, body).silent());
    CHECK(at.line.ask({operation::login, command::ping, {}, 1}, body).silent());
    CHECK(at.line.ask({operation::create_stream, command::ping, 0}, name("x")).silent());
    CHECK(at.line.ask({operation::create_stream, command::ping, {}, 0}, name("x")).silent());
    CHECK(at.line.ask({operation{0}}).silent());
    CHECK(at.line.ask({operation{100}}).silent());
    CHECK(at.line.ask({operation{200}}).silent());
    frame_bytes reply = at.line.written({operation::read, command::ping});
    save(reply.data() + 60, std::uint8_t{8});
    CHECK(at.line.say(reply).silent());
    // What only the server itself writes is known, and refused.
    CHECK(at.line.ask({operation{64}}).reason() == reason(eviction::invalid_operation));
    CHECK(at.with.counters().requests_dropped == 9);
    CHECK(at.line.read(command::ping).status() == 0);
  }
}

TEST_CASE("A size out of range and an unknown kind of frame end the line", "[vsr]") {
  const auto spoilt = [](std::size_t at_byte, auto value) {
    vsr_visit at(generation::iggy_0_9);
    frame_bytes ping = at.line.written({operation::read, command::ping});
    save(ping.data() + at_byte, value);
    return at.line.say(ping);
  };
  CHECK(spoilt(48, std::uint32_t{255}).hung_up);
  CHECK(spoilt(48, std::uint32_t{64 * 1024 * 1024 + 1}).hung_up);
  CHECK(spoilt(60, std::uint8_t{0}).silent());
  CHECK(spoilt(60, std::uint8_t{30}).hung_up);
  CHECK(spoilt(60, std::uint8_t{99}).hung_up);
  CHECK(spoilt(48, std::uint32_t{64 * 1024 * 1024}).silent());  // the rest is waited for
}

TEST_CASE("A body that its checksum does not fit is refused by 0.9, which reads it", "[vsr]") {
  vsr_visit old(generation::iggy_0_9);
  old.line.log_in();
  asked create{operation::create_stream};
  create.checksum = {77, 0};
  CHECK(old.line.ask(create, name("s")).status() == 4);
  vsr_visit fresh(generation::iggy_0_10);
  fresh.line.log_in();
  CHECK(fresh.line.ask(create, name("s")).status() == 0);
}

TEST_CASE("A metadata request that comes again gets the answer it got", "[vsr]") {
  vsr_visit at(generation::iggy_0_10);
  at.line.log_in();
  asked create{operation::create_stream, command::ping, 5};
  create.checksum = {1, 2};
  const answered first = at.line.ask(create, name("s"));
  CHECK(first.status() == 0);
  CHECK(to_hex(at.line.ask(create, name("s"), 9'999).raw) == to_hex(first.raw));
  create.checksum = {3, 4};  // the number of another
  CHECK(at.line.ask(create, name("s")).silent());
  create.request = 4;
  CHECK(at.line.ask(create, name("s")).status() == 59);
  create.request = 6;
  CHECK(at.line.ask(create, name("s")).status() == 1012);
}

TEST_CASE("A session of 0.9 ends with its connection", "[vsr]") {
  vsr_visit at(generation::iggy_0_9);
  {
    vsr_line other(at.with, at.how, 5);
    other.log_in();
    REQUIRE(at.with.vsr().find({5, 1}) != nullptr);
  }
  CHECK(at.with.vsr().find({5, 1}) == nullptr);
}

TEST_CASE("A newer login of the same client takes the session from the older", "[vsr]") {
  vsr_visit at(generation::iggy_0_9);
  at.line.log_in();
  vsr_line newer(at.with, at.how, 11);
  newer.log_in();
  CHECK(at.line.change(operation::create_stream, name("s")).reason() ==
        reason(eviction::session_too_low));
  CHECK(newer.change(operation::create_stream, name("s")).status() == 0);
}

TEST_CASE("After a logout a change is evicted", "[vsr]") {
  for (const generation speaks : both) {
    vsr_visit at(speaks);
    at.line.log_in();
    CHECK(at.line.change(operation::logout, {}).status() == 0);
    CHECK(at.line.change(operation::create_stream, name("s")).reason() ==
          reason(eviction::no_session));
  }
}

}  // namespace
}  // namespace vibes::test
