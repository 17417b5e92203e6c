#include "tests/unit/protocol/vsr_talk.hpp"

// With a server of 0.10: what it has beyond 0.9, which is sessions that outlive their connection,
// and partitions that are led by nodes of their own.

namespace vibes::test {
namespace {

using namespace protocol;
constexpr generation gen = generation::iggy_0_10;

frame_bytes login_body(std::uint32_t version = 0x3000) {
  return joined(joined(introduction(version), the_secret()), name_and_password());
}

/// What an earlier connection has left: session 900 of client 7, and 31 numbers used.
std::shared_ptr<session> earlier_session() {
  auto made = std::make_shared<session>();
  made->client = {7, 8};
  made->bind_secret.fill(std::byte{0xcd});
  made->protocol_version = 0x3000;
  made->id = 900;
  made->metadata_position = 44;
  made->last_number = 31;
  return made;
}

frame_bytes bind_body() {
  return joined(joined(introduction(0x3000), from_hex("08000000000000000700000000000000"
                                                      "8403000000000000"
                                                      "2c00000000000000")),
                frame_bytes(32, std::byte{0xcd}));
}

handshake_plan resuming() {
  handshake_plan plan = vsr_plan(gen);
  plan.resumed = earlier_session();
  return plan;
}

vsr_talk logged_in(const handshake_plan& plan = vsr_plan(gen)) {
  vsr_talk with(plan);
  with.says(ask::login, login_body()).hears(joined(no_rejection(), opened(0x3000, "0.10.0")));
  return with;
}

TEST_CASE("0.10 is logged into with a secret, and its partitions have lives", "[handshake][vsr]") {
  vsr_talk with = logged_in();
  const handshake::finished reached = finish(gen, with);
  CHECK(reached.outcome.gen == gen);
  CHECK(reached.outcome.server_version == "0.10.0");
  REQUIRE(reached.outcome.places.partition_ids() == std::vector<partition_id>{0, 1});
  CHECK(reached.outcome.places.find(0)->context == partition_context{20, 40});
  CHECK(reached.outcome.places.find(1)->context == partition_context{21, 41});
  CHECK(reached.with->id == 900);
  CHECK(reached.with->client == message_id{0x0102, 0x0304});
}

TEST_CASE("A server that hid its window is logged into as 0.10", "[handshake][vsr]") {
  handshake_plan plan = vsr_plan(gen);
  plan.detected->window.reset();
  vsr_talk with(plan);
  with.says(ask::login, login_body()).hears_frame(eviction_frame(14, 0x2C00, 0x2C00));
  const auto failed = with.fails(make_error_code(eviction_errc::incompatible_protocol),
                                 command::login_with_password);
  CHECK(failed.window == version_window{0x2C00, 0x2C00});
}

TEST_CASE("A window without a version that is spoken sends nothing at all", "[handshake][vsr]") {
  for (const auto wanted : {std::optional<generation>(), std::optional(generation::iggy_0_10)}) {
    handshake_plan plan = vsr_plan(gen);
    plan.detected->window = version_window{packed_version(0, 13, 0), packed_version(0, 14, 0)};
    plan.wanted = wanted;
    vsr_talk with(plan);
    if (wanted) {
      with.says(ask::login, login_body());  // a setting is believed more than what was seen
    } else {
      const auto failed = with.fails(make_error_code(wire_errc::unsupported_generation),
                                     command::login_with_password);
      CHECK(failed.window == plan.detected->window);
    }
  }
}

TEST_CASE("A reply that speaks 0.11 is not that of a 0.10", "[handshake][vsr]") {
  vsr_talk with(vsr_plan(gen));
  with.says(ask::login, login_body()).hears(joined(no_rejection(), opened(0x2C00, "0.9.0")));
  with.fails(make_error_code(wire_errc::generation_mismatch), command::login_with_password);
}

TEST_CASE("A session goes on where it was: same client, same secret, higher numbers",
          "[handshake][vsr]") {
  const handshake_plan plan = resuming();
  vsr_talk with(plan);
  with.says(ask::bind, bind_body()).hears(opened(0x3000, "0.10.0"));
  const handshake::finished reached = finish(gen, with);
  CHECK(reached.outcome.resumed);
  CHECK(reached.with == plan.resumed);
  CHECK(with.client() == message_id{7, 8});
  CHECK(reached.with->last_number > 31);
}

TEST_CASE("A session that is gone is replaced by a new one", "[handshake][vsr]") {
  for (const std::uint32_t status : {40U, 57U, 14001U}) {
    CAPTURE(status);
    const handshake_plan plan = resuming();
    vsr_talk with(plan);
    with.says(ask::bind, bind_body()).hears({}, status);
    with.says(ask::login, login_body()).hears(joined(no_rejection(), opened(0x3000, "0.10.0")));
    const handshake::finished reached = finish(gen, with);
    CHECK_FALSE(reached.outcome.resumed);
    CHECK(reached.with != plan.resumed);
    CHECK(reached.with->client == message_id{0x0102, 0x0304});
    CHECK(with.client() == message_id{0x0102, 0x0304});
  }
}

TEST_CASE("A session that may only not be taken up now is kept", "[handshake][vsr]") {
  vsr_talk with(resuming());
  with.says(ask::bind, bind_body()).hears({}, 58);
  with.fails(iggy_status(58), command::bind_session);
}

TEST_CASE("A session of a version that the server has left behind is not gone on with",
          "[handshake][vsr]") {
  handshake_plan plan = resuming();
  plan.detected->window = version_window{0x3002, 0x3004};
  vsr_talk with(plan);
  with.says(ask::login, login_body(0x3004));
  plan.detected->window = version_window{0x3000, 0x3004};
  vsr_talk accepted(plan);
  accepted.says(ask::bind, bind_body());
}

TEST_CASE("A server that turned out to be older gets a new session", "[handshake][vsr]") {
  handshake_plan plan = resuming();
  plan.detected = vsr_plan(generation::iggy_0_9).detected;
  vsr_talk with(plan);
  with.says(ask::login, joined(introduction(0x2C00), name_and_password()));
}

TEST_CASE("A branch only takes the session up", "[handshake][vsr]") {
  handshake_plan plan = resuming();
  plan.bind_only = true;
  vsr_talk with(plan);
  with.says(ask::bind, bind_body()).hears(opened(0x3000, "0.10.0"));
  const handshake::finished reached = with.finishes();
  CHECK(reached.with == plan.resumed);
  CHECK(reached.outcome.resumed);
  CHECK(reached.outcome.places.partitions.empty());
}

TEST_CASE("A branch never logs in", "[handshake][vsr]") {
  handshake_plan plan = resuming();
  plan.bind_only = true;
  for (const std::uint32_t status : {40U, 57U, 14001U}) {
    vsr_talk refused(plan);
    refused.says(ask::bind, bind_body()).hears({}, status);
    refused.fails(iggy_status(status), command::bind_session);
  }
  plan.resumed.reset();
  vsr_talk(plan).fails(make_error_code(iggy_errc::invalid_session), command::login_with_password);
  plan.resumed = std::make_shared<session>();  // one that was never opened
  vsr_talk(plan).fails(make_error_code(iggy_errc::invalid_session), command::login_with_password);
}

TEST_CASE("With several nodes each partition is asked for its route", "[handshake][vsr]") {
  vsr_talk with = logged_in();
  with.says_nodes().hears(cluster_payload(gen));
  with.says_stream().hears(stream_payload(gen));
  with.says_topic().hears(topic_payload(gen));
  for (const std::uint8_t id : {std::uint8_t{0}, std::uint8_t{1}}) {
    frame_bytes asked = vsr_talk::named_topic();
    append_number<std::uint32_t>(asked, id);
    frame_bytes route = route_payload();
    route.back() = id == 0 ? std::byte{2} : std::byte{4};
    with.says(ask::route, asked).hears(route);
  }
  const handshake::finished reached = with.finishes();
  const topology& places = reached.outcome.places;
  CHECK(places.led_by_partition(gen));
  CHECK(places.next_unrouted() == nullptr);
  CHECK(places.find(0)->primary_replica == 2);
  CHECK(places.find(1)->primary_replica == 4);
  CHECK(places.find(0)->context == partition_context{11, 12});
  CHECK(places.leader()->replica_id == 2);
}

TEST_CASE("A route that is refused ends the handshake", "[handshake][vsr]") {
  for (const std::uint32_t status : {58U, 89U, 3007U}) {
    vsr_talk with = logged_in();
    with.says_nodes().hears(cluster_payload(gen));
    with.says_stream().hears(stream_payload(gen));
    with.says_topic().hears(topic_payload(gen));
    with.hears({}, status).fails(iggy_status(status), command::get_partition_route);
  }
}

TEST_CASE("Changes of the topology are remembered for the session", "[handshake][vsr]") {
  vsr_talk with = logged_in();
  with.says_nodes().hears(one_node(gen));
  with.says_stream().hears({});
  with.says(ask::new_stream, from_hex("057669626573"));
  frame_bytes made =
      vsr_reply_frame(command::create_stream, joined(no_rejection(), stream_payload(gen)));
  set_number<std::uint64_t>(made, 184, 1234);
  with.hears_frame(made);
  with.says_topic().hears(topic_payload(gen));
  CHECK(with.finishes().with->metadata_position == 1234);
}

}  // namespace
}  // namespace vibes::test
