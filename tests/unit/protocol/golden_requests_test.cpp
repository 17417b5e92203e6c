#define XXH_INLINE_ALL
#include <xxhash.h>

#include <catch2/catch.hpp>
#include <map>

#include "protocol/partitioning.hpp"
#include "tests/unit/protocol/recorded.hpp"

// What the official SDKs wrote to real servers, our codec writes to the same bytes.

namespace vibes::test {
namespace {

using namespace protocol;

struct recorded_client {
  generation gen;
  std::string sdk_version;

  // What the SDKs did and did not do yet (tests/golden/README.md).
  bool looks_up() const { return gen != generation::iggy_0_4; }
  bool asks_for_cluster() const { return gen >= generation::iggy_0_6; }
  bool chooses_numbers() const { return gen < generation::iggy_0_6; }
  partition_id first_partition() const { return chooses_numbers() ? 1 : 0; }
  identifier stream() const { return looks_up() ? identifier("vibes") : identifier(1U); }
  identifier topic() const { return looks_up() ? identifier("events") : identifier(1U); }
};
const std::map<std::string, recorded_client> clients = {
    {"0.4.96", {generation::iggy_0_4, "0.6.63"}},
    {"0.5.0", {generation::iggy_0_5, "0.7.0"}},
    {"0.6.0", {generation::iggy_0_6, "0.8.0"}},
    {"0.7.0", {generation::iggy_0_7, "0.9.0"}},
    {"0.8.0", {generation::iggy_0_7, "0.10.0"}},
    {"0.9.0-edge.5", {generation::iggy_0_9, "0.11.0-edge.4"}},
};

/// The session's requests in order (tests/golden/README.md).
class session_writer {
 public:
  session_writer(const recorded_client& client, const std::vector<exchange>& recorded)
      : recorded_(recorded),
        client_(client),
        session_(std::make_shared<session>()),
        codec_(make_codec(client.gen, session_)),
        stream_(client.stream()),
        topic_(client.topic()) {
    session_->protocol_version = protocol_0_11;
  }

  void check_all() {
    control(ping{});
    control(login_with_password{"iggy", "iggy", client_.sdk_version, "", "rust-sdk"});
    if (client_.asks_for_cluster()) control(get_cluster_metadata{});
    control(ping{});
    const create_stream new_stream{"vibes"};
    const create_topic new_topic{stream_, "events", 8, 0};
    const std::size_t topic_number_at = client_.looks_up() ? 15 : 14;  // behind the stream
    if (client_.looks_up()) control(get_stream{stream_});
    creation(new_stream, 8);
    if (client_.looks_up()) control(get_topic{stream_, topic_});
    creation(new_topic, topic_number_at);
    creation(new_stream, 8);
    creation(new_topic, topic_number_at);
    if (is_vsr(client_.gen)) control(get_topic{stream_, topic_});
    for (const std::string key : {"unknown", "sess-abc-123", "test-sess", "sess-0", "sess-1",
                                  "sess-2", "sess-3", "0192d3c4-5e6f-7a8b-9c0d-1e2f3a4b5c6d"}) {
      const auto partition =
          static_cast<partition_id>(partition_index(hash_session(key), 8, client_.gen));
      send(with_partition(recorded(), key, partition), partition,
           {{{0, 1}, R"({"type":"session_created","session_id":")" + key + R"(","name":null})"}});
    }
    send(recorded(), 3,
         {{{0x0192d3c45e6f7a8bU, 0x9c0d1e2f3a4b5c6dU}, "first"}, {{0, 2}, "second payload"}});
    send(recorded(), 99, {{{0, 9}, "nowhere"}});
    const consumer golden{false, "golden"};
    for (partition_id i = 0; i < 8; ++i) {
      control(poll_messages{golden, stream_, topic_, client_.first_partition() + i,
                            polling_strategy::offset, 0, 10, false});
    }
    control(store_consumer_offset{golden, stream_, topic_, 3, 1});
    control(get_consumer_offset{golden, stream_, topic_, 3});
    control(get_topic{stream_, topic_});
    control(logout{});
    CHECK(next_ == recorded_.size());
  }

 private:
  struct text_message {
    message_id id;
    std::string payload;
  };

  /// The next recorded request. What a client of 0.9 chose or was given is taken from it.
  const frame_bytes& recorded() {
    REQUIRE(next_ < recorded_.size());
    INFO("request " << next_);
    const frame_bytes& request = recorded_[next_++].request;
    if (!is_vsr(client_.gen)) return request;
    session_->client = {number_at<std::uint64_t>(request, 136),
                        number_at<std::uint64_t>(request, 128)};
    session_->id = number_at<std::uint64_t>(request, 184);
    number_ = number_at<std::uint64_t>(request, 168);
    return request;
  }

  /// Until 0.8 the SDK left the partition to the server, by a key; we name it.
  frame_bytes with_partition(frame_bytes frame, const std::string& key, partition_id partition) {
    if (is_vsr(client_.gen)) return frame;
    const std::string by_key = "\x03" + std::string(1, static_cast<char>(key.size())) + key;
    const auto is_byte = [](std::byte one, char other) {
      return one == static_cast<std::byte>(other);
    };
    const auto found =
        std::search(frame.begin() + 8, frame.end(), by_key.begin(), by_key.end(), is_byte);
    REQUIRE(found != frame.end());
    frame_bytes named(6);
    named[0] = std::byte{2};
    named[1] = std::byte{4};
    set_number(named, 2, partition);
    const auto at = frame.erase(found, found + static_cast<std::ptrdiff_t>(by_key.size()));
    frame.insert(at, named.begin(), named.end());
    const auto grown = static_cast<std::uint32_t>(named.size() - by_key.size());
    set_number(frame, 0, number_at<std::uint32_t>(frame, 0) + grown);
    if (client_.gen == generation::iggy_0_4) return frame;  // without a length of its metadata
    set_number(frame, 8, number_at<std::uint32_t>(frame, 8) + grown);
    return frame;
  }

  byte_vector encoded(const control_request& request) {
    byte_vector written;
    REQUIRE_FALSE(codec_->encode(request, number_, written));
    return written;
  }

  void control(const control_request& request) {
    const frame_bytes& expected = recorded();
    CHECK(to_hex(encoded(request)) == to_hex(expected));
  }

  /// The old SDKs chose the number 1, where we leave the choice to the server. That of 0.9 gave
  /// options of which we send none.
  void creation(const control_request& request, std::size_t number_at) {
    frame_bytes expected = recorded();
    byte_vector written = encoded(request);
    if (client_.chooses_numbers()) {
      REQUIRE(written.at(number_at) == std::byte{0});
      written.at(number_at) = std::byte{1};
    }
    if (is_vsr(client_.gen)) {
      REQUIRE(written.size() <= expected.size());
      expected.resize(written.size());
      set_number(expected, 48, static_cast<std::uint32_t>(expected.size()));
      set_number(expected, 144, XXH3_64bits(expected.data() + 256, expected.size() - 256));
    }
    CHECK(to_hex(written) == to_hex(expected));
  }

  void send(const frame_bytes& expected, partition_id where,
            const std::vector<text_message>& texts) {
    // When a message was made differs between runs; its place is counted from the frame's end.
    std::vector<outgoing_message> messages(texts.size());
    std::size_t record_end = expected.size();
    for (std::size_t i = texts.size(); i-- > 0;) {
      const std::string& payload = texts[i].payload;
      messages[i].id = texts[i].id;
      messages[i].payload = std::as_bytes(std::span(payload));
      if (client_.gen == generation::iggy_0_4) continue;  // no times travel
      const std::size_t begin = record_end - payload.size() - header_size();
      messages[i].origin_time_us = origin_time(expected, begin);
      record_end = begin;
    }
    byte_vector body;
    REQUIRE_FALSE(codec_->encode_send_body({stream_, topic_, where, messages}, body));
    byte_vector frame;
    codec_->encode_send_header(body.size(), {}, number_, frame);
    frame.insert(frame.end(), body.begin(), body.end());
    CHECK(to_hex(frame) == to_hex(expected));
  }

  /// What stands before a message's payload.
  std::size_t header_size() const {
    if (is_vsr(client_.gen)) return 48;
    return client_.gen == generation::iggy_0_7 ? 64 : 56;
  }

  std::uint64_t origin_time(const frame_bytes& send, std::size_t record) const {
    if (!is_vsr(client_.gen)) return number_at<std::uint64_t>(send, record + 40);
    const std::size_t batch = 256 + 4 + number_at<std::uint32_t>(send, 256);
    return number_at<std::uint64_t>(send, batch + 24) + number_at<std::uint32_t>(send, record + 28);
  }

  const std::vector<exchange>& recorded_;
  recorded_client client_;
  std::shared_ptr<session> session_;
  std::unique_ptr<codec> codec_;
  request_number number_ = 1;
  identifier stream_;
  identifier topic_;
  std::size_t next_ = 0;
};

TEST_CASE("Every recorded request is written to the same bytes", "[golden]") {
  for (const auto& [version, client] : clients) {
    CAPTURE(version);
    const std::vector<exchange> recorded = recorded_session(version);
    session_writer(client, recorded).check_all();
  }
}

}  // namespace
}  // namespace vibes::test
