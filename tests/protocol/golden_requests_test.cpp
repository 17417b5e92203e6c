#include <catch2/catch.hpp>
#include <cstring>
#include <map>

#include "protocol/codec.hpp"
#include "tests/kit/recording.hpp"

// What the official SDKs wrote to real servers, our codec writes to the same bytes.

namespace vibes::test {
namespace {

using namespace protocol;

struct recorded_client {
  generation gen;
  std::string sdk_version;
};
const std::map<std::string, recorded_client> clients = {
    {"0.6.0", {generation::classic_0_6, "0.8.0"}},
    {"0.7.0", {generation::classic_0_7, "0.9.0"}},
    {"0.8.0", {generation::classic_0_7, "0.10.0"}},
};

/// The session's requests in order (tests/golden/README.md).
class session_writer {
 public:
  session_writer(const recorded_client& client, const std::vector<exchange>& recorded)
      : recorded_(recorded), codec_(*make_codec(client.gen)), sdk_version_(client.sdk_version) {}

  void check_all() {
    control(ping{});
    control(login_with_password{"iggy", "iggy", sdk_version_, ""});
    control(get_cluster_metadata{});
    control(ping{});
    control(get_stream{"vibes"});
    control(create_stream{"vibes"});
    control(get_topic{"vibes", "events"});
    control(create_topic{"vibes", "events", 8, 0});
    control(create_stream{"vibes"});
    control(create_topic{"vibes", "events", 8, 0});
    for (const std::string key : {"unknown", "sess-abc-123", "test-sess", "sess-0", "sess-1",
                                  "sess-2", "sess-3", "0192d3c4-5e6f-7a8b-9c0d-1e2f3a4b5c6d"}) {
      send(by_key{key},
           {{{0, 1}, R"({"type":"session_created","session_id":")" + key + R"(","name":null})"}});
    }
    send(to_partition{3},
         {{{0x0192d3c45e6f7a8bU, 0x9c0d1e2f3a4b5c6dU}, "first"}, {{0, 2}, "second payload"}});
    send(to_partition{99}, {{{0, 9}, "nowhere"}});
    const consumer golden{false, "golden"};
    for (partition_id partition = 0; partition < 8; ++partition) {
      control(poll_messages{golden, "vibes", "events", partition, polling_strategy::offset, 0, 10,
                            false});
    }
    control(store_consumer_offset{golden, "vibes", "events", 3, 1});
    control(get_consumer_offset{golden, "vibes", "events", 3});
    control(get_topic{"vibes", "events"});
    control(logout{});
    CHECK(next_ == recorded_.size());
  }

 private:
  struct text_message {
    message_id id;
    std::string payload;
  };

  const frame_bytes& recorded() {
    REQUIRE(next_ < recorded_.size());
    INFO("request " << next_);
    return recorded_[next_++].request;
  }

  void control(const control_request& request) {
    byte_vector written;
    REQUIRE_FALSE(codec_->encode(request, written));
    CHECK(to_hex(written) == to_hex(recorded()));
  }

  void send(const partitioning& where, const std::vector<text_message>& texts) {
    const frame_bytes& expected = recorded();
    // When a message was made differs between runs; its place is counted from the frame's end.
    std::vector<outgoing_message> messages(texts.size());
    std::size_t record_end = expected.size();
    for (std::size_t i = texts.size(); i-- > 0;) {
      const std::string& payload = texts[i].payload;
      const std::size_t begin =
          record_end - payload.size() - codec_->message_overhead() + index_entry;
      messages[i].id = texts[i].id;
      messages[i].payload = std::as_bytes(std::span(payload));
      std::memcpy(&messages[i].origin_time_us, expected.data() + begin + origin_time_at, 8);
      record_end = begin;
    }
    const identifier stream = "vibes";
    const identifier topic = "events";
    byte_vector body;
    REQUIRE_FALSE(codec_->encode_send_body({stream, topic, where, messages}, body));
    CHECK(codec_->send_body_size({stream, topic, where, messages}) == body.size());
    byte_vector frame;
    codec_->encode_send_header(body.size(), frame);
    frame.insert(frame.end(), body.begin(), body.end());
    CHECK(to_hex(frame) == to_hex(expected));
  }

  static constexpr std::size_t index_entry = 16;
  static constexpr std::size_t origin_time_at = 40;

  const std::vector<exchange>& recorded_;
  std::unique_ptr<codec> codec_;
  std::string sdk_version_;
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
