#include "tests/unit/protocol/handshake_talk.hpp"

// A user who may not read the statistics, and answers that make no sense.

namespace vibes::test {
namespace {

using namespace protocol;
using talk = handshake_talk;

const login_with_password by_password{"iggy", "secret", "1.0", ""};
const get_stream asks_stream{"vibes"};
const get_topic asks_topic{"vibes", "events"};

/// One message "p" with a 64-byte header, id 1, for partition 0 of a stream that nobody has.
frame_bytes probe() {
  const std::string name = "vibes-ingestd-generation-probe-7f3a9c52e1d84b06";
  REQUIRE(name.size() == 47);
  frame_bytes body;
  append_number<std::uint32_t>(body, 2 * 49 + 6 + 4);
  for (int named = 0; named < 2; ++named) {
    append_number<std::uint8_t>(body, 2);
    append_number<std::uint8_t>(body, 47);
    const frame_bytes text = text_bytes(name);
    body.insert(body.end(), text.begin(), text.end());
  }
  const frame_bytes rest = from_hex(
      "020400000000"
      "01000000"  // partition 0, one message
      "00000000"
      "41000000"
      "0000000000000000"  // its index entry: it ends at 65
      "0000000000000000"  // checksum
      "0100000000000000"
      "0000000000000000"  // id
      "0000000000000000"
      "0000000000000000"
      "0000000000000000"
      "00000000"
      "01000000"
      "0000000000000000"
      "70");
  body.insert(body.end(), rest.begin(), rest.end());
  frame_bytes frame;
  append_number(frame, static_cast<std::uint32_t>(4 + body.size()));
  append_number<std::uint32_t>(frame, 101);
  frame.insert(frame.end(), body.begin(), body.end());
  return frame;
}

talk refused_statistics(const handshake_plan& plan) {
  talk with(plan);
  with.says(by_password).hears(talk::user());
  with.says(get_stats{}).hears(iggy_errc::unauthorized);
  return with;
}

/// ... and the server, which is 0.6 or later, tells of its cluster.
talk knows_clusters(const handshake_plan& plan) {
  talk with = refused_statistics(plan);
  with.says(get_cluster_metadata{}).hears(recorded_session("0.8.0").at(2).reply);
  return with;
}

TEST_CASE("Without the right to statistics a server that knows no clusters is 0.4", "[handshake]") {
  talk with = refused_statistics(usual_plan());
  with.says(get_cluster_metadata{}).hears(iggy_errc::invalid_command);
  with.says(asks_stream).hears(talk::stream());
  with.says(asks_topic).hears(talk::topic({1, 2}));
  CHECK(with.finishes().gen == generation::iggy_0_4);
}

TEST_CASE("One that closes when it is asked for its cluster is 0.5", "[handshake]") {
  handshake cut_off(usual_plan());
  const auto hear = [&](const frame_bytes& frame) { cut_off.on_frame(frame); };
  cut_off.start();
  hear(reply_frame(0));
  CHECK_FALSE(cut_off.meaning_of_close());
  hear(talk::user());
  CHECK_FALSE(cut_off.meaning_of_close());
  hear(reply_frame(41));
  CHECK(cut_off.awaiting() == command::get_cluster_metadata);
  CHECK(cut_off.meaning_of_close() == generation::iggy_0_5);

  handshake_plan next = usual_plan();
  next.assumed = generation::iggy_0_5;
  talk with = refused_statistics(next);
  with.says(asks_stream).hears(talk::stream());
  with.says(asks_topic).hears(talk::topic({1, 2}));
  CHECK(with.finishes().gen == generation::iggy_0_5);
}

TEST_CASE("What was assumed gives way to what the server says", "[handshake]") {
  handshake_plan plan = usual_plan();
  plan.assumed = generation::iggy_0_5;
  talk with(plan);
  with.logs_in("0.8.0");
  with.says(asks_stream).hears(talk::stream());
  with.says(asks_topic).hears(talk::topic({0}));
  CHECK(with.finishes().gen == generation::iggy_0_7);
}

TEST_CASE("Without the right to statistics the message layout tells the generation",
          "[handshake]") {
  struct row {
    iggy_errc status;
    generation expected;
  };
  for (const row& each : {row{iggy_errc::invalid_messages_size, generation::iggy_0_6},
                          row{iggy_errc::stream_id_not_found, generation::iggy_0_7},
                          row{iggy_errc::stream_name_not_found, generation::iggy_0_7}}) {
    talk with = knows_clusters(usual_plan());
    with.says(command::send_messages, probe()).hears(each.status);
    with.says(asks_stream).hears(talk::stream());
    with.says(asks_topic).hears(talk::topic({1, 0}));
    const handshake_outcome outcome = with.finishes();
    CHECK(outcome.gen == each.expected);
    CHECK(outcome.server_version.empty());
    CHECK(outcome.places.partition_ids() == talk::ids(2));
  }
}

TEST_CASE("A probe answered with anything else tells nothing", "[handshake]") {
  for (const iggy_errc why : {iggy_errc::unauthorized, iggy_errc::unauthenticated,
                              iggy_errc::missing_index, iggy_errc::disconnected}) {
    talk with = knows_clusters(usual_plan());
    with.says(command::send_messages, probe()).hears(why);
    with.fails(why, command::send_messages);
  }
  talk stored = knows_clusters(usual_plan());
  stored.says(command::send_messages, probe()).hears_empty();
  stored.fails(wire_errc::unsupported_generation, command::send_messages);
}

TEST_CASE("A wanted generation is believed where statistics are refused", "[handshake]") {
  for (const generation wanted : {generation::iggy_0_6, generation::iggy_0_7}) {
    handshake_plan plan = usual_plan();
    plan.wanted = wanted;
    talk with = refused_statistics(plan);
    with.says(asks_stream).hears(talk::stream());
    with.says(asks_topic).hears(talk::topic({0}));
    const handshake_outcome outcome = with.finishes();
    CHECK(outcome.gen == wanted);
    CHECK(outcome.server_version.empty());
  }
}

/// The handshake of a fresh server up to its n-th request; `awaited` is what that asks.
talk up_to(std::size_t request, command& awaited) {
  const std::pair<command, frame_bytes> transcript[] = {
      {command::login_with_password, talk::user()},
      {command::get_stats, reply_frame(0, stats_payload("0.8.0"))},
      {command::get_stream, reply_frame(0)},
      {command::create_stream, talk::stream()},
      {command::get_topic, reply_frame(0)},
      {command::create_topic, talk::topic({0})},
      {command::get_topic, talk::topic({0})}};
  talk with(usual_plan());
  for (std::size_t i = 0; i < request; ++i) with.hears(transcript[i].second);
  awaited = transcript[request].first;
  return with;
}

TEST_CASE("A server that shuts down in the middle is heard everywhere", "[handshake]") {
  for (std::size_t request = 0; request < 7; ++request) {
    CAPTURE(request);
    command awaited{};
    talk with = up_to(request, awaited);
    with.hears(iggy_errc::disconnected).fails(iggy_errc::disconnected, awaited);
  }
}

TEST_CASE("A reply that does not fit its request ends the handshake", "[handshake]") {
  for (std::size_t request = 0; request < 7; ++request) {
    CAPTURE(request);
    command awaited{};
    talk short_frame = up_to(request, awaited);
    short_frame.hears_unmeasured(frame_bytes(5)).fails(wire_errc::truncated, awaited);
    talk one_byte = up_to(request, awaited);
    one_byte.hears(reply_frame(0, frame_bytes(1))).fails(wire_errc::truncated, awaited);
  }
}

TEST_CASE("A plan that the wire cannot carry fails at the request it stands in", "[handshake]") {
  handshake_plan no_user = usual_plan();
  no_user.login = login_with_password{"", "secret", "", ""};
  talk(no_user).fails(wire_errc::name_length, command::login_with_password);
  handshake_plan long_token = usual_plan();
  long_token.login = login_with_token{std::string(256, 't')};
  talk(long_token).fails(wire_errc::name_length, command::login_with_token);
  handshake_plan long_stream = usual_plan();
  long_stream.stream = std::string(256, 's');
  talk with_stream(long_stream);
  with_stream.logs_in().fails(wire_errc::name_length, command::get_stream);
  handshake_plan no_topic = usual_plan();
  no_topic.topic.clear();
  talk with_topic(no_topic);
  with_topic.logs_in().says(asks_stream).hears(talk::stream());
  with_topic.fails(wire_errc::name_length, command::get_topic);
}

}  // namespace
}  // namespace vibes::test
