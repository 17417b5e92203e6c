#include "tests/unit/protocol/handshake_talk.hpp"

// Before the login: is this an Iggy that reads plain text?

namespace vibes::test {
namespace {

using namespace protocol;
using talk = handshake_talk;
constexpr auto open = talk::ping_is::open;

const login_with_password by_password{"iggy", "secret", "1.0", ""};

/// Every way in which a server of 0.4 to 0.8 may be known.
std::vector<handshake_plan> classic_plans() {
  std::vector<handshake_plan> plans(8, usual_plan());
  plans[1].detected = detection{server_family::classic};
  plans[2].detected = detection{server_family::classic_0_8};
  plans[3].assumed = generation::iggy_0_5;
  plans[4].wanted = generation::iggy_0_4;
  plans[5].wanted = generation::iggy_0_5;
  plans[6].wanted = generation::iggy_0_6;
  plans[7].wanted = generation::iggy_0_7;
  return plans;
}

TEST_CASE("The login of 0.4 to 0.8 comes only behind an answered ping", "[handshake][ping]") {
  for (const handshake_plan& each : classic_plans()) {
    talk with(each, open);
    with.says(command::ping, from_hex("0400000001000000"));
    with.hears_empty().says(by_password);
  }
}

TEST_CASE("A ping that is not answered as Iggy does it brings no login", "[handshake][ping]") {
  for (const handshake_plan& each : classic_plans()) {
    talk refused(each, open);
    refused.hears(iggy_errc::disconnected).fails(iggy_errc::disconnected, command::ping);
    talk filled(each, open);
    filled.hears(reply_frame(0, frame_bytes(4))).fails(wire_errc::trailing_bytes, command::ping);
    for (const char* tls : {"15030300020228", "1503", "1603030040020000", "15030100020246"}) {
      talk of_tls(each, open);
      of_tls.hears(from_hex(tls)).fails(wire_errc::login_withheld, command::ping);
    }
  }
}

TEST_CASE("An end before the ping is answered is told apart from every other",
          "[handshake][ping]") {
  namespace errc = boost::system::errc;
  const error_code reset = errc::make_error_code(errc::connection_reset);
  talk with(usual_plan(), open);
  CHECK(with.ends_with(reset) == wire_errc::login_withheld);
  for (const auto own : {errc::timed_out, errc::interrupted}) {
    CHECK(with.ends_with(errc::make_error_code(own)) == errc::make_error_code(own));
  }
  with.hears_empty();
  CHECK(with.ends_with(reset) == reset);
}

TEST_CASE("A classic server where 0.9 or 0.10 is wanted is told no login", "[handshake][ping]") {
  for (const generation wanted : {generation::iggy_0_9, generation::iggy_0_10}) {
    for (const server_family family : {server_family::classic, server_family::classic_0_8}) {
      handshake_plan plan = usual_plan();
      plan.wanted = wanted;
      plan.detected = detection{family};
      talk with(plan, open);
      with.says(ping{}).hears_empty().fails(wire_errc::generation_mismatch, command::ping);
    }
  }
}

}  // namespace
}  // namespace vibes::test
