#include "tests/unit/protocol/handshake_talk.hpp"

// Login, and which generation the server is of.

namespace vibes::test {
namespace {

using namespace protocol;
using talk = handshake_talk;

const login_with_password by_password{"iggy", "secret", "1.0", ""};
const get_stream asks_stream{"vibes"};
const get_topic asks_topic{"vibes", "events"};

handshake_outcome finish(talk& with) {
  with.says(asks_stream).hears(talk::stream());
  with.says(asks_topic).hears(talk::topic({0}));
  return with.finishes();
}

TEST_CASE("A refused login says which login it was, and why", "[handshake]") {
  for (const iggy_errc why : {iggy_errc::invalid_credentials, iggy_errc::invalid_password,
                              iggy_errc::user_inactive, iggy_errc::disconnected}) {
    talk with(usual_plan());
    with.says(by_password).hears(why);
    with.fails(why, command::login_with_password);
  }
  for (const iggy_errc why :
       {iggy_errc::resource_not_found, iggy_errc::invalid_token, iggy_errc::token_expired}) {
    handshake_plan plan = usual_plan();
    plan.login = login_with_token{"a-token"};
    talk with(plan);
    with.says(login_with_token{"a-token"}).hears(why);
    with.fails(why, command::login_with_token);
  }
}

TEST_CASE("A token logs in as a password does", "[handshake]") {
  handshake_plan plan = usual_plan();
  plan.login = login_with_token{"a-token"};
  talk with(plan);
  with.says(login_with_token{"a-token"}).hears(talk::user());
  with.says(get_stats{}).hears(reply_frame(0, stats_payload("0.7.0")));
  CHECK(finish(with).server_version == "0.7.0");
}

TEST_CASE("The version in the statistics tells the generation", "[handshake]") {
  struct row {
    std::string version;
    generation expected;
  };
  for (const row& each :
       {row{"0.6.0", generation::iggy_0_6}, row{"0.6.12", generation::iggy_0_6},
        row{"0.6", generation::iggy_0_6}, row{"0.7.0", generation::iggy_0_7},
        row{"0.8.0", generation::iggy_0_7}, row{"0.8.1-rc1", generation::iggy_0_7}}) {
    CAPTURE(each.version);
    talk with(usual_plan());
    with.logs_in(each.version);
    const handshake_outcome outcome = finish(with);
    CHECK(outcome.gen == each.expected);
    CHECK(outcome.server_version == each.version);
  }
}

TEST_CASE("A version that is not spoken ends the handshake", "[handshake]") {
  for (const std::string version : {"0.4.96", "0.9.0", "0.10.0", "1.6.0", "0.60.0", "0.70",
                                    "0.8-edge", "v0.8.0", " 0.8.0", "0", ""}) {
    for (const bool told : {false, true}) {
      CAPTURE(version, told);
      handshake_plan plan = usual_plan();
      if (told) plan.wanted = generation::iggy_0_7;
      talk with(plan);
      with.logs_in(version);
      with.fails(wire_errc::unsupported_generation, command::get_stats);
    }
  }
}

TEST_CASE("Statistics that end before the version are those of 0.4", "[handshake]") {
  talk with(usual_plan());
  with.says(by_password).hears(talk::user());
  with.says(get_stats{}).hears(reply_frame(0, stats_beginning(0, "host")));
  const handshake_outcome outcome = finish(with);
  CHECK(outcome.gen == generation::iggy_0_4);
  CHECK(outcome.server_version.empty());
}

TEST_CASE("0.4 keeps names in lower case and with dots for blanks", "[handshake]") {
  handshake_plan plan = usual_plan();
  plan.stream = "  My Vibes\t 2 ";
  plan.topic = "Events";
  talk with(plan);
  with.says(by_password).hears(talk::user());
  with.says(get_stats{}).hears(reply_frame(0, stats_beginning(0, "host")));
  with.says(get_stream{"my.vibes.2"}).hears(talk::stream());
  with.says(get_topic{"my.vibes.2", "events"}).hears(talk::topic({2, 1}));
  const handshake_outcome outcome = with.finishes();
  CHECK(outcome.stream == "my.vibes.2");
  CHECK(outcome.topic == "events");
  CHECK(outcome.places.partition_ids() == std::vector<partition_id>{1, 2});
}

TEST_CASE("Before 0.6 what is created leaves its number to the server", "[handshake]") {
  talk with(usual_plan());
  with.logs_in("0.5.0");
  with.says(get_stream{"vibes"}).hears_empty();
  with.says(command::create_stream, from_hex("0e000000ca000000"
                                             "00000000"
                                             "057669626573"));
  with.hears(talk::stream());
  with.says(get_topic{"vibes", "events"}).hears_empty();
  with.says(command::create_topic, from_hex("2c0000002e010000"
                                            "02057669626573"
                                            "00000000"
                                            "08000000"
                                            "01"
                                            "ffffffffffffffff"
                                            "ffffffffffffffff"
                                            "00"
                                            "066576656e7473"));
  with.hears(talk::topic({1}));
  with.says(get_topic{"vibes", "events"}).hears(talk::topic({1}));
  CHECK(with.finishes().stream == "vibes");
}

TEST_CASE("A server that is not of the wanted generation is not used", "[handshake]") {
  const auto fits = [](std::string_view version, generation wanted) {
    handshake_plan plan = usual_plan();
    plan.wanted = wanted;
    talk with(plan);
    with.logs_in(version);
    CHECK(finish(with).gen == wanted);
  };
  fits("0.5.0", generation::iggy_0_5);
  fits("0.6.0", generation::iggy_0_6);
  fits("0.7.0", generation::iggy_0_7);
  fits("0.8.0", generation::iggy_0_7);
  const auto mismatches = [](std::string_view version, generation wanted) {
    handshake_plan plan = usual_plan();
    plan.wanted = wanted;
    talk with(plan);
    with.logs_in(version);
    with.fails(wire_errc::generation_mismatch, command::get_stats);
  };
  mismatches("0.5.0", generation::iggy_0_6);
  mismatches("0.6.0", generation::iggy_0_5);
  mismatches("0.6.0", generation::iggy_0_4);
  mismatches("0.6.0", generation::iggy_0_7);
  mismatches("0.7.0", generation::iggy_0_6);
  mismatches("0.8.0", generation::iggy_0_6);
}

TEST_CASE("A window without a version that is spoken fails before a byte is sent", "[handshake]") {
  handshake_plan plan = usual_plan();
  const version_window future{packed_version(0, 13, 0), packed_version(0, 14, 1)};
  plan.detected = detection{server_family::vsr, future};
  talk with(plan);
  with.fails(wire_errc::unsupported_generation, command::login_with_password);
  CHECK(with.window_told() == future);
}

TEST_CASE("Statistics refused for any other reason end the handshake", "[handshake]") {
  for (const iggy_errc why : {iggy_errc::unauthenticated, iggy_errc::stale_client,
                              iggy_errc::invalid_command, iggy_errc::disconnected}) {
    talk with(usual_plan());
    with.says(by_password).hears(talk::user());
    with.says(get_stats{}).hears(why);
    with.fails(why, command::get_stats);
  }
}

}  // namespace
}  // namespace vibes::test
