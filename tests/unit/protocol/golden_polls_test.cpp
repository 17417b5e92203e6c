#define XXH_INLINE_ALL
#include <xxhash.h>

#include <boost/crc.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <iomanip>
#include <set>
#include <sstream>
#include <tuple>

#include "tests/unit/protocol/reply_support.hpp"

// The messages of the recorded polls, held to what the SDK printed and to what was sent.

namespace vibes::test {
namespace {

using namespace protocol;

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The poll as the SDK's program printed it beside the recording.
std::string printed(const polled_messages& polled) {
  std::ostringstream out;
  out << "partition " << polled.partition << " current " << polled.current_offset << " :\n";
  for (const polled_message& each : polled.messages) {
    out << "   " << std::dec << each.offset << " id " << std::hex;
    if (each.id.high != 0) out << each.id.high << std::setfill('0') << std::setw(16);
    out << each.id.low << " " << text_of(each.payload) << "\n";
  }
  return out.str();
}

std::string printed_by_sdk(const std::string& version) {
  std::ifstream file(VIBES_SOURCE_DIR "/tests/golden/server-" + version + ".txt");
  std::string polls;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("partition ") || line.starts_with("   ")) polls += line + "\n";
  }
  return polls;
}

/// The decoded polls of one recording; their spans point into `recorded`.
std::vector<polled_messages> polls_of(const recorded_server& server,
                                      const std::vector<exchange>& recorded) {
  const std::unique_ptr<codec> wire = codec_of(server.gen);
  std::vector<polled_messages> polls;
  for (const exchange& each : recorded) {
    if (asked_by(each.request) != command::poll_messages) continue;
    const result<reply> got = wire->decode(command::poll_messages, each.reply);
    REQUIRE(got.has_value());
    polls.push_back(std::get<polled_messages>(got->body));
  }
  REQUIRE(polls.size() == 8);
  return polls;
}

std::size_t header_of(generation gen) {
  if (is_vsr(gen)) return 48;
  return gen == generation::iggy_0_7 ? 64 : 56;
}

/// What this server puts into a message's checksum.
std::uint64_t checksum_of(const polled_message& message, generation gen) {
  boost::crc_32_type crc;
  if (gen == generation::iggy_0_4) {
    crc.process_bytes(message.payload.data(), message.payload.size());
    return crc.checksum();
  }
  // It covers what follows it: the rest of the header and the payload.
  const std::byte* const begin = message.payload.data() - header_of(gen) + 8;
  const std::size_t size = header_of(gen) - 8 + message.payload.size();
  if (gen != generation::iggy_0_5) return XXH3_64bits(begin, size);
  crc.process_bytes(begin, size);
  return crc.checksum();
}

using sent_message = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::string>;

/// Id, origin time and payload of every message in a send, read by hand.
void collect_sent(const frame_bytes& send, std::size_t header, std::multiset<sent_message>& into) {
  const std::size_t metadata_end = 12 + number_at<std::uint32_t>(send, 8);
  const auto count = number_at<std::uint32_t>(send, metadata_end - 4);
  std::size_t at = metadata_end + std::size_t{16} * count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto size = number_at<std::uint32_t>(send, at + 52);
    into.emplace(number_at<std::uint64_t>(send, at + 16), number_at<std::uint64_t>(send, at + 8),
                 number_at<std::uint64_t>(send, at + 40),
                 text_of(std::span(send).subspan(at + header, size)));
    at += header + size;
  }
  REQUIRE(at == send.size());
}

/// The same of a batch of 0.9: times count from the batch's, and lengths stand elsewhere.
void collect_sent_batch(const frame_bytes& send, std::multiset<sent_message>& into) {
  const std::size_t batch = 256 + 4 + number_at<std::uint32_t>(send, 256);
  const auto origin = number_at<std::uint64_t>(send, batch + 24);
  for (std::size_t at = batch + 256; at < send.size();) {
    const auto size = number_at<std::uint32_t>(send, at + 36);
    into.emplace(number_at<std::uint64_t>(send, at + 16), number_at<std::uint64_t>(send, at + 8),
                 origin + number_at<std::uint32_t>(send, at + 28),
                 text_of(std::span(send).subspan(at + 48, size)));
    at += 48 + size;
  }
}

TEST_CASE("Recorded polls hold what the SDK printed", "[golden]") {
  for (const recorded_server& server : recorded_servers) {
    CAPTURE(server.version);
    const auto recorded = recorded_session(server.version);
    std::string all;
    for (const polled_messages& each : polls_of(server, recorded)) all += printed(each);
    CHECK(all == printed_by_sdk(server.version));
  }
}

TEST_CASE("A polled message is what was sent, id, time and payload", "[golden]") {
  for (const recorded_server& server : recorded_servers) {
    CAPTURE(server.version);
    const auto recorded = recorded_session(server.version);
    // 0.4 has another layout, and no origin times to compare.
    if (server.gen == generation::iggy_0_4) continue;
    const std::size_t header = header_of(server.gen);
    std::multiset<sent_message> sent;
    for (const exchange& each : recorded) {
      const bool stored = number_at<std::uint32_t>(each.reply, status_at(server.gen)) == 0;
      if (asked_by(each.request) != command::send_messages || !stored) continue;
      is_vsr(server.gen) ? collect_sent_batch(each.request, sent)
                         : collect_sent(each.request, header, sent);
    }
    std::multiset<sent_message> polled;
    for (const polled_messages& poll : polls_of(server, recorded)) {
      for (const polled_message& each : poll.messages) {
        polled.emplace(each.id.high, each.id.low, each.origin_time_us, text_of(each.payload));
        CHECK(each.user_headers.empty());
        // The server's clock was the client's, and storing took far less than a second.
        CHECK(each.timestamp_us >= each.origin_time_us);
        CHECK(each.timestamp_us - each.origin_time_us < 1'000'000);
      }
    }
    CHECK(polled.size() == 10);
    CHECK(polled == sent);
  }
}

TEST_CASE("A polled message's checksum is that of its record", "[golden]") {
  for (const recorded_server& server : recorded_servers) {
    CAPTURE(server.version);
    const auto recorded = recorded_session(server.version);
    for (const polled_messages& poll : polls_of(server, recorded)) {
      for (const polled_message& each : poll.messages) {
        CHECK(each.checksum == checksum_of(each, server.gen));
      }
    }
  }
}

TEST_CASE("A message of 0.4 may carry user headers", "[golden]") {
  const auto wire = make_codec(generation::iggy_0_4);
  for (const known_reply& each : known_replies()) {
    if (each.what != "user headers of 0.4") continue;
    const auto got = wire->decode(command::poll_messages, each.frame);
    REQUIRE(got.has_value());
    const auto& polled = std::get<polled_messages>(got->body);
    REQUIRE(polled.messages.size() == 1);
    CHECK(polled.partition == 1);
    CHECK(polled.messages[0].id == message_id{0, 2});
    CHECK(polled.messages[0].timestamp_us == 0x0102030405060708);
    CHECK(polled.messages[0].checksum == 0x0a0b0c0d);
    CHECK(text_of(polled.messages[0].user_headers) == "hdr");
    CHECK(text_of(polled.messages[0].payload) == "py");
    return;
  }
  FAIL("the reply is gone");
}

TEST_CASE("Offset 0 of a consumer of 0.4 means that nothing is stored", "[golden]") {
  const frame_bytes nothing = reply_frame(0, from_hex("010000000900000000000000"
                                                      "0000000000000000"));
  const auto of = [&](generation gen) {
    return make_codec(gen)->decode(command::get_consumer_offset, nothing)->body;
  };
  CHECK(std::holds_alternative<not_found>(of(generation::iggy_0_4)));
  CHECK(std::get<consumer_offset>(of(generation::iggy_0_5)).stored_offset == 0);
}

}  // namespace
}  // namespace vibes::test
