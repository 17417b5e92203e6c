#pragma once

#include <catch2/catch.hpp>

#include "protocol/error.hpp"
#include "protocol/handshake/handshake.hpp"
#include "tests/unit/protocol/vsr_support.hpp"

// A handshake with a server of 0.9 or 0.10 as a transcript. Requests are read and replies written
// at fixed offsets (docs/wire.md, "VSR framing").

namespace vibes::test {

/// How a request of the handshake travels: its operation, and its number where that says nothing.
struct vsr_kind {
  protocol::command asked;
  int operation;
  std::uint32_t code = 0;
};

namespace ask {
inline constexpr vsr_kind login{protocol::command::login_with_password, 1};
inline constexpr vsr_kind token{protocol::command::login_with_token, 1};
inline constexpr vsr_kind bind{protocol::command::bind_session, 2, 15};
inline constexpr vsr_kind nodes{protocol::command::get_cluster_metadata, 2, 12};
inline constexpr vsr_kind stream{protocol::command::get_stream, 2, 200};
inline constexpr vsr_kind new_stream{protocol::command::create_stream, 128};
inline constexpr vsr_kind topic{protocol::command::get_topic, 2, 300};
inline constexpr vsr_kind new_topic{protocol::command::create_topic, 132};
inline constexpr vsr_kind route{protocol::command::get_partition_route, 2, 105};
}  // namespace ask

inline frame_bytes joined(frame_bytes one, const frame_bytes& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

/// What is in front of every login and bind: a version, who we are, and in which version.
inline frame_bytes introduction(std::uint32_t protocol_version) {
  frame_bytes body;
  append_number(body, protocol_version);
  return joined(body, from_hex("0d76696265732d696e6765737464"
                               "03312e30"));
}
inline frame_bytes the_secret() {
  return frame_bytes(32, std::byte{0xab});
}
inline frame_bytes name_and_password() {
  return from_hex(
      "0469676779"
      "06736563726574"
      "00000000");
}

/// A session that was opened: user 1, session 900.
inline frame_bytes opened(std::uint32_t protocol_version, const std::string& server) {
  frame_bytes payload;
  append_number<std::uint32_t>(payload, 1);
  append_number<std::uint64_t>(payload, 900);
  append_number(payload, protocol_version);
  append_number(payload, static_cast<std::uint8_t>(server.size()));
  return joined(payload, text_bytes(server));
}

/// One node, as a server alone has it: the address is that of its own listener.
inline frame_bytes one_node(protocol::generation gen) {
  frame_bytes cluster;
  append_text(cluster, "single");
  append_number<std::uint32_t>(cluster, 1);
  if (gen == protocol::generation::iggy_0_10) append_number<std::uint8_t>(cluster, 0);
  append_text(cluster, "node");
  append_text(cluster, "0.0.0.0");
  return joined(cluster, from_hex("9a1f"
                                  "0000"
                                  "0000"
                                  "0000"
                                  "00"
                                  "00"));
}

inline protocol::handshake_plan vsr_plan(protocol::generation gen) {
  protocol::handshake_plan plan{.login = protocol::login_with_password{"iggy", "secret", "1.0", ""},
                                .wanted = {},
                                .assumed = {},
                                .stream = "vibes",
                                .topic = "events"};
  const std::uint32_t version = gen == protocol::generation::iggy_0_9 ? 0x2C00 : 0x3000;
  plan.detected =
      protocol::detection{protocol::server_family::vsr, protocol::version_window{version, version}};
  plan.client = {0x0102, 0x0304};
  plan.bind_secret.fill(std::byte{0xab});
  plan.connected_to = {"iggy", "10.0.0.2", 8090};
  return plan;
}

class vsr_talk {
 public:
  explicit vsr_talk(protocol::handshake_plan plan)
      : handshake_(std::move(plan)), step_(handshake_.start()) {}

  vsr_talk& says(const vsr_kind& kind, const frame_bytes& body, std::uint64_t session = 900) {
    INFO("expected " << protocol::to_string(kind.asked));
    REQUIRE(std::holds_alternative<protocol::handshake::send_request>(step_));
    const frame_bytes& frame = std::get<protocol::handshake::send_request>(step_).frame;
    REQUIRE(frame.size() >= 256);
    CHECK(protocol::to_string(handshake_.awaiting()) == protocol::to_string(kind.asked));
    CHECK(number_at<std::uint32_t>(frame, 48) == frame.size());
    CHECK(frame[60] == std::byte{5});
    CHECK(number_at<std::uint8_t>(frame, 176) == kind.operation);
    CHECK(number_at<std::uint32_t>(frame, 196) == kind.code);
    CHECK(number_at<std::uint64_t>(frame, 184) == (kind.operation == 1 ? 0 : session));
    CHECK(to_hex({frame.begin() + 256, frame.end()}) == to_hex(body));
    const auto number = number_at<std::uint64_t>(frame, 168);
    CHECK((number == 0) == (kind.operation == 1));
    if (number != 0) CHECK(number > last_number_);
    last_number_ = number;
    client_ = {number_at<std::uint64_t>(frame, 136), number_at<std::uint64_t>(frame, 128)};
    said_ = kind.asked;
    return *this;
  }
  vsr_talk& says_stream() { return says(ask::stream, from_hex("02057669626573")); }
  vsr_talk& says_topic() { return says(ask::topic, named_topic()); }
  vsr_talk& says_nodes() { return says(ask::nodes, {}); }
  static frame_bytes named_topic() {
    return from_hex(
        "02057669626573"
        "02066576656e7473");
  }

  vsr_talk& hears(const frame_bytes& payload, std::uint32_t status = 0) {
    frame_bytes frame = vsr_reply_frame(said_, payload, status);
    set_number(frame, 200, last_number_);
    return hears_frame(frame);
  }
  vsr_talk& hears_frame(const frame_bytes& frame) {
    REQUIRE(std::holds_alternative<protocol::handshake::send_request>(step_));
    const protocol::frame_need need = handshake_.need(frame, 1 << 20);
    CHECK(need.what == protocol::frame_need::kind::complete);
    CHECK(need.size == frame.size());
    const exact_bytes bytes(frame);
    step_ = handshake_.on_frame(bytes.view());
    return *this;
  }

  protocol::handshake::finished finishes() {
    REQUIRE(std::holds_alternative<protocol::handshake::finished>(step_));
    return std::move(std::get<protocol::handshake::finished>(step_));
  }
  protocol::handshake::redirected redirects() {
    REQUIRE(std::holds_alternative<protocol::handshake::redirected>(step_));
    return std::get<protocol::handshake::redirected>(step_);
  }
  protocol::handshake::failed fails(const protocol::error_code& expected,
                                    protocol::command during) {
    REQUIRE(std::holds_alternative<protocol::handshake::failed>(step_));
    const auto& failed = std::get<protocol::handshake::failed>(step_);
    CHECK(failed.error == expected);
    CHECK(protocol::to_string(failed.during) == protocol::to_string(during));
    return failed;
  }
  protocol::message_id client() const { return client_; }

 private:
  protocol::handshake handshake_;
  protocol::handshake::step step_;
  protocol::command said_{};
  protocol::message_id client_;
  std::uint64_t last_number_ = 0;
};

/// From the login or bind to the end, with a server alone where stream and topic are.
inline protocol::handshake::finished finish(protocol::generation gen, vsr_talk& with) {
  with.says_nodes().hears(one_node(gen));
  with.says_stream().hears(stream_payload(gen));
  with.says_topic().hears(topic_payload(gen));
  return with.finishes();
}

}  // namespace vibes::test
