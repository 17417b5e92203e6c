#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "tests/support/allocations.hpp"
#include "tests/unit/protocol/vsr_support.hpp"

// Counts and lengths that a reply cannot hold: refused, and nothing is reserved for them.

namespace vibes::test {
namespace {

using namespace protocol;

struct count_row {
  const char* what;
  command asked;
  std::size_t at;  // of the count or length in the frame, 32 bits
};

/// By the replies of 0.8.0: the frame's header has 8 bytes.
const count_row rows[] = {
    {"messages of a poll", command::poll_messages, 8 + 12},
    {"user headers of a message", command::poll_messages, 8 + 16 + 48},
    {"payload of a message", command::poll_messages, 8 + 16 + 52},
    {"partitions of a topic", command::create_topic, 8 + 12},
    {"topics of a stream", command::create_stream, 8 + 12},
    {"name of a cluster", command::get_cluster_metadata, 8},
    {"nodes of a cluster", command::get_cluster_metadata, 8 + 4 + 11},
    {"name of a node", command::get_cluster_metadata, 8 + 4 + 11 + 4},
    {"address of a node", command::get_cluster_metadata, 8 + 4 + 11 + 4 + 4 + 9},
    {"hostname", command::get_stats, 8 + 108},
    {"name of the system", command::get_stats, 8 + 108 + 4 + 12},
    {"version of the server", command::get_stats, 8 + 108 + 4 + 12 + 4 + 5 + 4 + 2 + 4 + 11},
};

frame_bytes whole_reply_to(command asked) {
  if (asked == command::get_stats) return reply_frame(0, stats_payload("0.8.0"));
  for (const exchange& each : recorded_session("0.8.0")) {
    if (asked_by(each.request) == asked) return each.reply;
  }
  FAIL("not recorded");
  return {};
}

TEST_CASE("The meter sees what is allocated", "[damaged]") {
  const allocation_meter meter;
  const frame_bytes some(12'345);
  REQUIRE(some.size() == 12'345);
  CHECK(meter.largest() == 12'345);
}

/// Decodes the reply with a count or length changed, which has to be refused.
void check_refused(const codec& wire, command asked, const frame_bytes& frame) {
  const exact_bytes bytes(frame);
  const allocation_meter meter;
  const result<reply> got = wire.decode(asked, bytes.view());
  CHECK(meter.largest() <= 8 * frame.size());
  CHECK((!got && (got.error() == wire_errc::truncated || got.error() == wire_errc::malformed)));
}

TEST_CASE("A count that the reply cannot hold is refused without room made for it", "[damaged]") {
  const std::unique_ptr<codec> wire = make_codec(generation::iggy_0_7);
  for (const count_row& row : rows) {
    CAPTURE(row.what);
    const frame_bytes whole = whole_reply_to(row.asked);
    const auto right = number_at<std::uint32_t>(whole, row.at);
    REQUIRE(right < 1000);  // it is a count that we found, not something else
    for (const std::uint32_t wrong :
         {right + 1000, 0x0400'0000U, 0x7fff'ffffU, 0x8000'0000U, 0xffff'fff0U, 0xffff'ffffU}) {
      CAPTURE(wrong);
      frame_bytes frame = whole;
      set_number(frame, row.at, wrong);
      check_refused(*wire, row.asked, frame);
    }
  }
}

TEST_CASE("The counts of 0.9 and 0.10 are bounded in the same way", "[damaged]") {
  constexpr std::size_t poll_0_11 = 256 + 16;
  constexpr std::size_t poll_0_12 = 256 + 40;
  const frame_bytes batch = stored_batch({stored_message(0, "one"), stored_message(1, "two")});
  struct vsr_row {
    const char* what;
    generation gen;
    command asked;
    frame_bytes payload;
    std::size_t at;
  };
  const generation older = generation::iggy_0_9;
  const generation newer = generation::iggy_0_10;
  const command poll = command::poll_messages;
  const vsr_row vsr_rows[] = {
      {"messages of a poll", older, poll, polled_payload(older, 2, {batch}), 256 + 12},
      {"messages of a poll", newer, poll, polled_payload(newer, 2, {batch}), 256 + 12},
      {"a batch's length", older, poll, polled_payload(older, 2, {batch}), poll_0_11 + 32},
      {"a batch's length", newer, poll, polled_payload(newer, 2, {batch}), poll_0_12 + 32},
      {"a batch's messages", older, poll, polled_payload(older, 2, {batch}), poll_0_11 + 48},
      {"user headers", older, poll, polled_payload(older, 2, {batch}), poll_0_11 + 256 + 32},
      {"a payload", newer, poll, polled_payload(newer, 2, {batch}), poll_0_12 + 256 + 36},
      {"partitions", older, command::get_topic, topic_payload(older), 256 + 12},
      {"partitions", newer, command::get_topic, topic_payload(newer), 256 + 12},
      {"a topic's options", older, command::get_topic, topic_payload(older), 256 + 50 + 6},
      {"a topic's options", newer, command::get_topic, topic_payload(newer), 256 + 33 + 6},
      {"topics", older, command::get_stream, stream_payload(older), 256 + 12},
      {"topics", newer, command::get_stream, stream_payload(newer), 256 + 12},
      {"a stream's options", newer, command::get_stream, stream_payload(newer), 256 + 33 + 5},
      {"nodes", newer, command::get_cluster_metadata, cluster_payload(newer), 256 + 8},
      {"name of a node", newer, command::get_cluster_metadata, cluster_payload(newer), 256 + 13},
      {"results", newer, command::create_stream, rejection(1012), 256},
      {"confirmations", newer, command::send_messages, sent_payload(), 256},
  };
  for (const vsr_row& row : vsr_rows) {
    CAPTURE(row.what, to_string(row.gen));
    const auto wire = codec_of(row.gen);
    const frame_bytes whole = vsr_reply_frame(row.asked, row.payload);
    REQUIRE(wire->decode(row.asked, whole).has_value());
    const auto right = number_at<std::uint32_t>(whole, row.at);
    REQUIRE(right < 1000);
    for (const std::uint32_t wrong :
         {right + 1000, 0x0400'0000U, 0x7fff'ffffU, 0x8000'0000U, 0xffff'fff0U, 0xffff'ffffU}) {
      CAPTURE(wrong);
      frame_bytes frame = whole;
      set_number(frame, row.at, wrong);
      check_refused(*wire, row.asked, frame);
    }
  }
}

TEST_CASE("A count that is too small leaves bytes over", "[damaged]") {
  const std::unique_ptr<codec> wire = make_codec(generation::iggy_0_7);
  struct small_row {
    count_row counted;
    wire_errc expected;
  };
  const small_row small[] = {{rows[0], wire_errc::trailing_bytes},
                             {rows[2], wire_errc::truncated},  // the next record is then noise
                             {rows[3], wire_errc::malformed},
                             {rows[6], wire_errc::trailing_bytes}};
  for (const auto& [row, expected] : small) {
    CAPTURE(row.what);
    frame_bytes frame = whole_reply_to(row.asked);
    set_number(frame, row.at, number_at<std::uint32_t>(frame, row.at) - 1);
    const result<reply> got = wire->decode(row.asked, frame);
    CHECK((!got && got.error() == expected));
  }
}

TEST_CASE("The statistics' version is the text behind the kernel's", "[replies]") {
  const std::unique_ptr<codec> wire = make_codec(generation::iggy_0_7);
  const auto read = [&](const frame_bytes& payload) {
    const result<reply> got = wire->decode(command::get_stats, reply_frame(0, payload));
    REQUIRE(got.has_value());
    return std::get<server_stats>(got->body);
  };
  const server_stats full = read(stats_payload("0.8.0"));
  CHECK(full.server_version == "0.8.0");
  CHECK(full.hostname == "host.example");
  CHECK(full.messages_count == 12345);
  frame_bytes longer = stats_payload("0.8.0");
  longer.resize(longer.size() + 20);  // 0.8 appends threads and disk
  CHECK(read(longer).server_version == "0.8.0");
  const server_stats old = read(stats_beginning(~std::uint64_t{0}, ""));
  CHECK(old.server_version.empty());
  CHECK(old.hostname.empty());
  CHECK(old.messages_count == ~std::uint64_t{0});
}

}  // namespace
}  // namespace vibes::test
