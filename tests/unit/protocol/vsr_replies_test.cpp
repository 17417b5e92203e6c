#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "protocol/vsr/header.hpp"
#include "tests/unit/protocol/vsr_support.hpp"

// What servers 0.9 and 0.10 answer, by hand: values, refusals, evictions.

namespace vibes::test {
namespace {

using namespace protocol;

constexpr generation both[] = {generation::iggy_0_9, generation::iggy_0_10};
constexpr generation newer = generation::iggy_0_10;

frame_bytes joined(frame_bytes one, const frame_bytes& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

result<reply> decoded(generation gen, command asked, const frame_bytes& frame) {
  return codec_of(gen)->decode(asked, frame);
}

template <class Body>
Body value(generation gen, command asked, const frame_bytes& payload) {
  const result<reply> got = decoded(gen, asked, vsr_reply_frame(asked, payload));
  REQUIRE(got.has_value());
  REQUIRE(got->status == 0);
  REQUIRE(std::holds_alternative<Body>(got->body));
  return std::get<Body>(got->body);
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_CASE("A login and a bind tell the session", "[vsr]") {
  const auto check = [](const session_opened& opened) {
    CHECK(opened.user_id == 5);
    CHECK(opened.session_id == 77);
    CHECK(opened.protocol_version == protocol_0_12);
    CHECK(opened.server_version == "0.10.0");
  };
  for (const command login : {command::login_with_password, command::login_with_token}) {
    check(value<session_opened>(newer, login, joined(no_rejection(), opened_payload())));
  }
  check(value<session_opened>(newer, command::bind_session, opened_payload()));
  frame_bytes no_session = opened_payload();
  set_number<std::uint64_t>(no_session, 4, 0);
  const frame_bytes frame = vsr_reply_frame(command::bind_session, no_session);
  CHECK(decoded(newer, command::bind_session, frame).error() == wire_errc::malformed);
}

TEST_CASE("A login answered with nothing has failed for good", "[vsr]") {
  for (const generation gen : both) {
    for (const command login : {command::login_with_password, command::login_with_token}) {
      const auto got = decoded(gen, login, vsr_reply_frame(login, {}));
      REQUIRE(got.has_value());
      CHECK(iggy_status(got->status) == iggy_errc::unauthenticated);
    }
  }
}

TEST_CASE("A refusal stands in the header or in the result section", "[vsr]") {
  struct refusal_row {
    command asked;
    bool has_section;
    std::uint64_t position;
  };
  const refusal_row rows[] = {{command::create_stream, true, 7},
                              {command::create_topic, true, 7},
                              {command::store_consumer_offset, true, 0},
                              {command::login_with_password, true, 0},
                              {command::send_messages, false, 0},
                              {command::get_topic, false, 0},
                              {command::logout, false, 0},
                              {command::bind_session, false, 0}};
  for (const generation gen : both) {
    for (const refusal_row& row : rows) {
      CAPTURE(to_string(row.asked));
      const auto denied = decoded(gen, row.asked, vsr_reply_frame(row.asked, {}, 58));
      REQUIRE(denied.has_value());
      CHECK(iggy_status(denied->status) == iggy_errc::not_accepted);
      CHECK(std::holds_alternative<done>(denied->body));
      const auto rejected = decoded(gen, row.asked, vsr_reply_frame(row.asked, rejection(1012)));
      if (!row.has_section) {
        CHECK_FALSE(rejected.has_value());
        continue;
      }
      REQUIRE(rejected.has_value());
      CHECK(iggy_status(rejected->status) == iggy_errc::stream_name_exists);
      CHECK(std::holds_alternative<done>(rejected->body));
      CHECK(rejected->metadata_position == row.position);
    }
  }
}

TEST_CASE("Of several rejections the first counts, and none of number 0", "[vsr]") {
  const auto of = [](const char* hex) {
    return decoded(newer, command::create_stream,
                   vsr_reply_frame(command::create_stream, from_hex(hex)));
  };
  CHECK(of("02000000"
           "00000000"
           "f4030000"
           "01000000"
           "dd070000")
            ->status == 1012);
  CHECK(of("01000000"
           "00000000"
           "00000000")
            .error() == wire_errc::malformed);
  CHECK(of("02000000"
           "00000000"
           "f4030000")
            .error() == wire_errc::truncated);
  CHECK(of("01000000"
           "00000000"
           "f4030000"
           "00")
            .error() == wire_errc::trailing_bytes);
  CHECK(of("").error() == wire_errc::truncated);
}

TEST_CASE("A reply has to be one to what was asked", "[vsr]") {
  const command all[] = {command::ping,
                         command::login_with_password,
                         command::logout,
                         command::create_stream,
                         command::create_topic,
                         command::send_messages,
                         command::store_consumer_offset};
  for (const command asked : all) {
    for (const command answered : all) {
      CAPTURE(to_string(asked), to_string(answered));
      const auto got = decoded(newer, asked, vsr_reply_frame(answered, {}, 41));
      if (asked == answered) {
        CHECK(got.has_value());
      } else {
        CHECK(got.error() == wire_errc::unexpected_reply);
      }
    }
  }
  // A new topic's may also bear the request's own operation.
  frame_bytes frame = vsr_reply_frame(command::create_topic, {}, 41);
  frame[208] = std::byte{132};
  CHECK(decoded(newer, command::create_topic, frame).has_value());
  frame[208] = std::byte{65};
  CHECK(decoded(newer, command::create_topic, frame).error() == wire_errc::unexpected_reply);
}

TEST_CASE("A send is confirmed once, or not at all", "[vsr]") {
  for (const generation gen : both) {
    const auto confirmed = value<sent>(gen, command::send_messages, sent_payload()).confirmed;
    REQUIRE(confirmed.has_value());
    CHECK(confirmed->stream_id == 1);
    CHECK(confirmed->topic_id == 2);
    CHECK(confirmed->partition == 3);
    CHECK(confirmed->base_offset == 400);
    CHECK_FALSE(value<sent>(gen, command::send_messages, {}).confirmed.has_value());
    CHECK_FALSE(
        value<sent>(gen, command::send_messages, from_hex("00000000")).confirmed.has_value());
    frame_bytes twice = joined(sent_payload(), frame_bytes(20));
    set_number<std::uint32_t>(twice, 0, 2);
    CHECK(decoded(gen, command::send_messages, vsr_reply_frame(command::send_messages, twice))
              .error() == wire_errc::malformed);
  }
}

TEST_CASE("A topic's partitions come sorted, in 0.10 with their context", "[vsr]") {
  for (const generation gen : both) {
    for (const bool lists_nodes : {true, false}) {
      const auto topic =
          value<topic_details>(gen, command::get_topic, topic_payload(gen, lists_nodes));
      CHECK(topic.id == 6);
      CHECK(topic.name == "events");
      CHECK(topic.messages_count == 30);
      REQUIRE(topic.partitions.size() == 2);
      for (const partition_id id : {0U, 1U}) {
        const partition_details& each = topic.partitions[id];
        CHECK(each.id == id);
        CHECK(each.current_offset == 10 + id);
        CHECK(each.messages_count == 11 + id);
        CHECK(each.context ==
              (gen == newer ? partition_context{20 + id, 40 + id} : partition_context{}));
      }
    }
  }
}

TEST_CASE("A stream, a route and a cluster are read", "[vsr]") {
  for (const generation gen : both) {
    const auto stream = value<stream_details>(gen, command::get_stream, stream_payload(gen));
    CHECK(stream.id == 5);
    CHECK(stream.name == "vibes");
    CHECK(stream.topics_count == 1);
    CHECK(stream.messages_count == 30);
    const auto cluster =
        value<cluster_metadata>(gen, command::get_cluster_metadata, cluster_payload(gen));
    CHECK(cluster.name == "pair");
    REQUIRE(cluster.nodes.size() == 2);
    CHECK(cluster.nodes[0].replica_id == (gen == newer ? 4 : 0));
    CHECK(cluster.nodes[1].replica_id == (gen == newer ? 2 : 1));
    CHECK_FALSE(cluster.nodes[0].leader);
    CHECK(cluster.nodes[1].leader);
    CHECK(cluster.nodes[1].ip == "10.0.0.2");
    CHECK(cluster.nodes[1].tcp_port == 8090);
    const auto stats = value<server_stats>(gen, command::get_stats, stats_payload("0.9.0"));
    CHECK(stats.server_version == "0.9.0");
  }
  const auto route = value<partition_route>(newer, command::get_partition_route, route_payload());
  CHECK(route.context == partition_context{11, 12});
  CHECK(route.view == 13);
  CHECK(route.partitions_count == 14);
  CHECK(route.primary_replica == 2);
}

TEST_CASE("Polled messages count from their batch", "[vsr]") {
  for (const generation gen : both) {
    const frame_bytes frame = vsr_reply_frame(
        command::poll_messages,
        polled_payload(gen, 3,
                       {stored_batch({stored_message(4, "sliced", "hdr"), stored_message(5, "")}),
                        stored_batch({stored_message(0, "of a producer")}, true)}));
    const auto got = decoded(gen, command::poll_messages, frame);
    REQUIRE(got.has_value());
    const auto& polled = std::get<polled_messages>(got->body);
    CHECK(polled.partition == 3);
    CHECK(polled.current_offset == 200);
    REQUIRE(polled.messages.size() == 3);
    const polled_message& one = polled.messages[0];
    CHECK(one.offset == 104);
    CHECK(one.id == message_id{0x99, 5});
    CHECK(one.checksum == 0x010203040506070c);
    CHECK(one.timestamp_us == 5000);
    CHECK(one.origin_time_us == 4008);
    CHECK(text_of(one.payload) == "sliced");
    CHECK(text_of(one.user_headers) == "hdr");
    CHECK(polled.messages[1].offset == 105);
    CHECK(polled.messages[1].payload.empty());
    CHECK(polled.messages[2].offset == 100);
    CHECK(text_of(polled.messages[2].payload) == "of a producer");
  }
}

TEST_CASE("A poll's count, its batches' counts and their lengths agree", "[vsr]") {
  const auto of = [](std::uint32_t count, const frame_bytes& batch) {
    const auto got =
        decoded(newer, command::poll_messages,
                vsr_reply_frame(command::poll_messages, polled_payload(newer, count, {batch})));
    return got ? error_code() : got.error();
  };
  const frame_bytes batch = stored_batch({stored_message(0, "one"), stored_message(1, "two")});
  CHECK_FALSE(of(2, batch));
  CHECK(of(1, batch) == wire_errc::malformed);
  CHECK(of(3, batch) == wire_errc::malformed);
  const auto changed = [&](std::size_t at, auto number) {
    frame_bytes other = batch;
    set_number(other, at, number);
    return of(2, other);
  };
  CHECK(changed(48, std::uint32_t{1}) == wire_errc::trailing_bytes);
  CHECK(changed(48, std::uint32_t{3}) == wire_errc::truncated);
  CHECK(changed(32, std::uint64_t{255}) == wire_errc::malformed);
  CHECK(changed(32, std::uint64_t{0}) == wire_errc::malformed);
  CHECK(changed(32, std::uint64_t{batch.size() + 1}) == wire_errc::truncated);
  CHECK(changed(32, std::uint64_t{batch.size() - 1}) == wire_errc::truncated);
  CHECK(changed(32, ~std::uint64_t{0}) == wire_errc::truncated);
}

TEST_CASE("An eviction answers nothing and says why", "[vsr]") {
  for (const generation gen : both) {
    const auto wire = codec_of(gen);
    for (int reason = 0; reason < 256; ++reason) {
      const frame_bytes frame = eviction_frame(static_cast<std::uint8_t>(reason));
      const error_code expected = eviction_error(static_cast<std::uint8_t>(reason));
      CHECK(wire->answered(frame).error() == expected);
      CHECK(wire->decode(command::ping, frame).error() == expected);
    }
    CHECK(wire->answered(eviction_frame(13)).error() == eviction_errc::stale_client);
  }
  const auto read = vsr::read_eviction(eviction_frame(14, protocol_0_12 + 1, protocol_0_12));
  REQUIRE(read.has_value());
  CHECK(read->reason == 14);
  CHECK(read->version_max == protocol_0_12 + 1);
  CHECK(read->version_min == protocol_0_12);
}

TEST_CASE("A frame that is no reply answers no request", "[vsr]") {
  const auto wire = codec_of(newer);
  const frame_bytes whole = vsr_reply_frame(command::ping, {});
  CHECK(wire->answered(whole).value() == request_number{42});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const exact_bytes cut{const_bytes(whole).first(size)};
    CHECK(wire->answered(cut.view()).error() == wire_errc::truncated);
  }
  frame_bytes request = whole;
  request[60] = std::byte{5};
  CHECK(wire->answered(request).error() == wire_errc::malformed);
  CHECK(wire->decode(command::ping, request).error() == wire_errc::malformed);
  CHECK(wire->answered(joined(eviction_frame(9), frame_bytes(1))).error() ==
        wire_errc::trailing_bytes);
}

}  // namespace
}  // namespace vibes::test
