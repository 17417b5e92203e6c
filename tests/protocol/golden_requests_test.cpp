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

  // What the SDKs did and did not do yet (tests/golden/README.md).
  bool looks_up() const { return gen != generation::classic_0_4; }
  bool asks_for_cluster() const { return gen >= generation::classic_0_6; }
  bool chooses_numbers() const { return gen < generation::classic_0_6; }
  partition_id first_partition() const { return chooses_numbers() ? 1 : 0; }
  identifier stream() const { return looks_up() ? identifier("vibes") : identifier(1U); }
  identifier topic() const { return looks_up() ? identifier("events") : identifier(1U); }
};
const std::map<std::string, recorded_client> clients = {
    {"0.4.96", {generation::classic_0_4, "0.6.63"}}, {"0.5.0", {generation::classic_0_5, "0.7.0"}},
    {"0.6.0", {generation::classic_0_6, "0.8.0"}},   {"0.7.0", {generation::classic_0_7, "0.9.0"}},
    {"0.8.0", {generation::classic_0_7, "0.10.0"}},
};

/// The session's requests in order (tests/golden/README.md).
class session_writer {
 public:
  session_writer(const recorded_client& client, const std::vector<exchange>& recorded)
      : recorded_(recorded),
        client_(client),
        codec_(make_codec(client.gen)),
        stream_(client.stream()),
        topic_(client.topic()) {}

  void check_all() {
    control(ping{});
    control(login_with_password{"iggy", "iggy", client_.sdk_version, ""});
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
    for (const std::string key : {"unknown", "sess-abc-123", "test-sess", "sess-0", "sess-1",
                                  "sess-2", "sess-3", "0192d3c4-5e6f-7a8b-9c0d-1e2f3a4b5c6d"}) {
      send(by_key{key},
           {{{0, 1}, R"({"type":"session_created","session_id":")" + key + R"(","name":null})"}});
    }
    send(to_partition{3},
         {{{0x0192d3c45e6f7a8bU, 0x9c0d1e2f3a4b5c6dU}, "first"}, {{0, 2}, "second payload"}});
    send(to_partition{99}, {{{0, 9}, "nowhere"}});
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

  /// The old SDKs chose the number 1, where we leave the choice to the server.
  void creation(const control_request& request, std::size_t number_at) {
    byte_vector written;
    REQUIRE_FALSE(codec_->encode(request, written));
    if (client_.chooses_numbers()) {
      REQUIRE(written.at(number_at) == std::byte{0});
      written.at(number_at) = std::byte{1};
    }
    CHECK(to_hex(written) == to_hex(recorded()));
  }

  void send(const partitioning& where, const std::vector<text_message>& texts) {
    const frame_bytes& expected = recorded();
    // When a message was made differs between runs; its place is counted from the frame's end.
    std::vector<outgoing_message> messages(texts.size());
    std::size_t record_end = expected.size();
    for (std::size_t i = texts.size(); i-- > 0;) {
      const std::string& payload = texts[i].payload;
      messages[i].id = texts[i].id;
      messages[i].payload = std::as_bytes(std::span(payload));
      if (client_.gen == generation::classic_0_4) continue;  // no times travel
      const std::size_t begin =
          record_end - payload.size() - codec_->message_overhead() + index_entry;
      std::memcpy(&messages[i].origin_time_us, expected.data() + begin + origin_time_at, 8);
      record_end = begin;
    }
    byte_vector body;
    REQUIRE_FALSE(codec_->encode_send_body({stream_, topic_, where, messages}, body));
    CHECK(codec_->send_body_size({stream_, topic_, where, messages}) == body.size());
    byte_vector frame;
    codec_->encode_send_header(body.size(), {}, 1, frame);
    frame.insert(frame.end(), body.begin(), body.end());
    CHECK(to_hex(frame) == to_hex(expected));
  }

  static constexpr std::size_t index_entry = 16;
  static constexpr std::size_t origin_time_at = 40;

  const std::vector<exchange>& recorded_;
  recorded_client client_;
  std::unique_ptr<codec> codec_;
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
