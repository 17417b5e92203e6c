#include "tests/unit/protocol/vsr_talk.hpp"

// With a server of 0.9: login, nodes, stream, topic.

namespace vibes::test {
namespace {

using namespace protocol;
constexpr generation gen = generation::iggy_0_9;

frame_bytes login_body(std::uint32_t version = 0x2C00) {
  return joined(introduction(version), name_and_password());
}

vsr_talk logged_in(const handshake_plan& plan = vsr_plan(gen)) {
  vsr_talk with(plan);
  with.says(ask::login, login_body()).hears(joined(no_rejection(), opened(0x2C00, "0.9.0")));
  return with;
}

TEST_CASE("0.9 is logged into, asked for its nodes, the stream and the topic", "[handshake][vsr]") {
  vsr_talk with = logged_in();
  const handshake::finished reached = finish(gen, with);
  CHECK(reached.outcome.gen == gen);
  CHECK(reached.outcome.server_version == "0.9.0");
  CHECK(reached.outcome.places.partition_ids() == std::vector<partition_id>{0, 1});
  CHECK(reached.outcome.places.nodes.size() == 1);
  CHECK_FALSE(reached.outcome.topic_created);
  CHECK_FALSE(reached.outcome.resumed);
  REQUIRE(reached.with);
  CHECK(reached.with->id == 900);
  CHECK(reached.with->client == message_id{0x0102, 0x0304});
  CHECK(with.client() == message_id{0x0102, 0x0304});
  CHECK(reached.with->protocol_version == 0x2C00);
  CHECK(reached.wire->gen() == gen);
}

TEST_CASE("The newest version that the window shows is logged in with", "[handshake][vsr]") {
  handshake_plan plan = vsr_plan(gen);
  plan.detected->window = version_window{0x2C00, 0x2C03};
  vsr_talk with(plan);
  with.says(ask::login, login_body(0x2C03));
  with.hears(joined(no_rejection(), opened(0x2C03, "0.9.3")));
  CHECK(finish(gen, with).with->protocol_version == 0x2C03);
}

TEST_CASE("A token opens a session as a password does", "[handshake][vsr]") {
  handshake_plan plan = vsr_plan(gen);
  plan.login = login_with_token{"a-token", "1.0"};
  vsr_talk with(plan);
  with.says(ask::token, joined(introduction(0x2C00), from_hex("07612d746f6b656e"
                                                              "00000000")));
  with.hears(joined(no_rejection(), opened(0x2C00, "0.9.0")));
  CHECK(finish(gen, with).with->id == 900);
}

TEST_CASE("A session of an earlier connection is not gone on with in 0.9", "[handshake][vsr]") {
  handshake_plan plan = vsr_plan(gen);
  plan.resumed = std::make_shared<session>();
  plan.resumed->id = 5;
  plan.resumed->client = {9, 9};
  vsr_talk with = logged_in(plan);
  const handshake::finished reached = finish(gen, with);
  CHECK(reached.with != plan.resumed);
  CHECK(reached.with->client == message_id{0x0102, 0x0304});
}

TEST_CASE("A login that is refused says why", "[handshake][vsr]") {
  for (const int reason : {1, 2, 3, 9, 10, 11, 15, 0, 200}) {
    CAPTURE(reason);
    vsr_talk with(vsr_plan(gen));
    with.says(ask::login, login_body());
    with.hears_frame(eviction_frame(static_cast<std::uint8_t>(reason)));
    const auto failed =
        with.fails(eviction_error(static_cast<std::uint8_t>(reason)), command::login_with_password);
    CHECK_FALSE(failed.window);
  }
  for (const std::uint32_t status : {57U, 58U, 42U}) {
    CAPTURE(status);
    vsr_talk by_result(vsr_plan(gen));
    by_result.says(ask::login, login_body()).hears(rejection(status));
    by_result.fails(iggy_status(status), command::login_with_password);
    vsr_talk by_status(vsr_plan(gen));
    by_status.says(ask::login, login_body()).hears({}, status);
    by_status.fails(iggy_status(status), command::login_with_password);
  }
  vsr_talk with_nothing(vsr_plan(gen));
  with_nothing.says(ask::login, login_body()).hears({});
  with_nothing.fails(make_error_code(iggy_errc::unauthenticated), command::login_with_password);
}

TEST_CASE("An eviction for an incompatible version tells what would do", "[handshake][vsr]") {
  vsr_talk with(vsr_plan(gen));
  with.says(ask::login, login_body()).hears_frame(eviction_frame(14, 0x3002, 0x3000));
  const auto failed = with.fails(make_error_code(eviction_errc::incompatible_protocol),
                                 command::login_with_password);
  CHECK(failed.window == version_window{0x3000, 0x3002});
}

TEST_CASE("A reply of another protocol version than was logged in with is not believed",
          "[handshake][vsr]") {
  for (const std::uint32_t version : {0x3000U, 0x2800U, 0U, ~0U}) {
    CAPTURE(version);
    vsr_talk with(vsr_plan(gen));
    with.says(ask::login, login_body());
    with.hears(joined(no_rejection(), opened(version, "0.9.0")));
    with.fails(make_error_code(wire_errc::generation_mismatch), command::login_with_password);
  }
}

TEST_CASE("A generation in the settings is spoken without having been seen", "[handshake][vsr]") {
  handshake_plan plan = vsr_plan(gen);
  plan.detected.reset();
  plan.wanted = gen;
  vsr_talk with = logged_in(plan);
  CHECK(finish(gen, with).outcome.gen == gen);
}

TEST_CASE("A generation in the settings wins over what was seen, and its patch is taken from there",
          "[handshake][vsr]") {
  handshake_plan plan = vsr_plan(generation::iggy_0_10);
  plan.wanted = gen;
  vsr_talk insisting(plan);
  insisting.says(ask::login, login_body());
  plan.detected->window = version_window{0x2C02, 0x2C02};
  vsr_talk with(plan);
  with.says(ask::login, login_body(0x2C02));
}

TEST_CASE("What is missing is created, and a race for it is lost in peace", "[handshake][vsr]") {
  for (const bool race : {false, true}) {
    CAPTURE(race);
    handshake_plan plan = vsr_plan(gen);
    plan.partitions_count = 2;
    vsr_talk with = logged_in(plan);
    with.says_nodes().hears(one_node(gen));
    with.says_stream().hears({});
    with.says(ask::new_stream, from_hex("057669626573"));
    with.hears(race ? rejection(1012) : joined(no_rejection(), stream_payload(gen)));
    with.says_topic().hears({});
    with.says(ask::new_topic, from_hex("02057669626573"
                                       "02000000"
                                       "066576656e7473"));
    with.hears(race ? rejection(2013) : joined(no_rejection(), topic_payload(gen)));
    with.says_topic().hears(topic_payload(gen));
    const handshake::finished reached = with.finishes();
    CHECK(reached.outcome.topic_created == !race);
    CHECK(reached.outcome.places.partition_ids() == std::vector<partition_id>{0, 1});
  }
}

TEST_CASE("A refusal to create is no race", "[handshake][vsr]") {
  vsr_talk stream = logged_in();
  stream.says_nodes().hears(one_node(gen));
  stream.says_stream().hears({});
  stream.says(ask::new_stream, from_hex("057669626573")).hears(rejection(41));
  stream.fails(iggy_status(41), command::create_stream);

  handshake_plan plan = vsr_plan(gen);
  plan.create = false;
  vsr_talk missing = logged_in(plan);
  missing.says_nodes().hears(one_node(gen));
  missing.says_stream().hears({});
  missing.fails(make_error_code(wire_errc::stream_missing), command::get_stream);
}

TEST_CASE("Another node that leads is where to go", "[handshake][vsr]") {
  handshake_plan plan = vsr_plan(gen);
  plan.connected_to = {"iggy", "10.0.0.1", 8090};
  vsr_talk with = logged_in(plan);
  with.says_nodes().hears(cluster_payload(gen));
  const handshake::redirected told = with.redirects();
  CHECK(told.leader.address() == "10.0.0.2:8090");
}

TEST_CASE("At the leader, or where one has to stay, the handshake goes on", "[handshake][vsr]") {
  for (const bool may_redirect : {true, false}) {
    CAPTURE(may_redirect);
    handshake_plan plan = vsr_plan(gen);
    plan.may_redirect = may_redirect;
    if (!may_redirect) plan.connected_to = {"iggy", "10.0.0.1", 8090};
    vsr_talk with = logged_in(plan);
    with.says_nodes().hears(cluster_payload(gen));
    with.says_stream().hears(stream_payload(gen));
    with.says_topic().hears(topic_payload(gen));
    const handshake::finished reached = with.finishes();
    CHECK(reached.outcome.places.nodes.size() == 2);
    CHECK_FALSE(reached.outcome.places.led_by_partition(reached.outcome.gen));
  }
}

TEST_CASE("A cluster without a leader is left, but where one has to stay", "[handshake][vsr]") {
  frame_bytes leaderless = cluster_payload(gen);
  leaderless[leaderless.size() - 2] = std::byte{1};  // the second node's role
  vsr_talk with = logged_in();
  with.says_nodes().hears(leaderless);
  with.fails(make_error_code(wire_errc::no_leader), command::get_cluster_metadata);

  handshake_plan plan = vsr_plan(gen);
  plan.may_redirect = false;
  vsr_talk staying = logged_in(plan);
  staying.says_nodes().hears(leaderless);
  staying.says_stream();
}

TEST_CASE("An eviction is heard at each step", "[handshake][vsr]") {
  const std::pair<vsr_kind, frame_bytes> steps[] = {{ask::nodes, one_node(gen)},
                                                    {ask::stream, {}},
                                                    {ask::new_stream, rejection(1012)},
                                                    {ask::topic, {}},
                                                    {ask::new_topic, rejection(2013)}};
  for (std::size_t evicted_at = 0; evicted_at < std::size(steps); ++evicted_at) {
    CAPTURE(evicted_at);
    vsr_talk with(vsr_plan(gen));
    with.says(ask::login, login_body()).hears(joined(no_rejection(), opened(0x2C00, "0.9.0")));
    for (std::size_t step = 0; step < evicted_at; ++step) {
      frame_bytes frame = vsr_reply_frame(steps[step].first.asked, steps[step].second);
      with.hears_frame(frame);
    }
    with.hears_frame(eviction_frame(13));
    with.fails(make_error_code(eviction_errc::stale_client), steps[evicted_at].first.asked);
  }
}

}  // namespace
}  // namespace vibes::test
