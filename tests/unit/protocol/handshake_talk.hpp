#pragma once

#include <catch2/catch.hpp>
#include <numeric>

#include "protocol/error.hpp"
#include "protocol/handshake/handshake.hpp"
#include "tests/unit/protocol/reply_support.hpp"

// A handshake as a transcript: what it is expected to say next, and what is answered.

namespace vibes::test {

inline protocol::handshake_plan usual_plan() {
  return {.login = protocol::login_with_password{"iggy", "secret", "1.0", ""},
          .wanted = {},
          .assumed = {},
          .stream = "vibes",
          .topic = "events"};
}

class handshake_talk {
 public:
  enum class ping_is { answered, open };
  /// The transcript begins behind the ping, unless it is left open.
  explicit handshake_talk(protocol::handshake_plan plan, ping_is begin = ping_is::answered)
      : handshake_(std::move(plan)), step_(handshake_.start()) {
    const bool pings = std::holds_alternative<protocol::handshake::send_request>(step_);
    if (pings && begin == ping_is::answered) says(protocol::ping{}).hears_empty();
  }

  /// The next request, byte for byte; the bytes of control requests are the same for 0.6 to 0.8.
  handshake_talk& says(const protocol::control_request& expected) {
    protocol::byte_vector bytes;
    REQUIRE_FALSE(protocol::make_codec(protocol::generation::iggy_0_7)->encode(expected, bytes));
    return says(protocol::command_of(expected), bytes);
  }
  handshake_talk& says(protocol::command asked, const frame_bytes& expected) {
    INFO("expected " << protocol::to_string(asked));
    REQUIRE(std::holds_alternative<protocol::handshake::send_request>(step_));
    CHECK(to_hex(std::get<protocol::handshake::send_request>(step_).frame) == to_hex(expected));
    CHECK(handshake_.awaiting() == asked);
    return *this;
  }

  handshake_talk& hears(const frame_bytes& frame) {
    REQUIRE(std::holds_alternative<protocol::handshake::send_request>(step_));
    const protocol::frame_need need = handshake_.need(frame, 1 << 20);
    CHECK(need.what == protocol::frame_need::kind::complete);
    CHECK(need.size == frame.size());
    return hears_unmeasured(frame);
  }
  handshake_talk& hears_unmeasured(const frame_bytes& frame) {
    const exact_bytes bytes(frame);
    step_ = handshake_.on_frame(bytes.view());
    return *this;
  }
  handshake_talk& hears(protocol::iggy_errc status) {
    return hears(reply_frame(static_cast<std::uint32_t>(status)));
  }
  /// What it reports when the peer ends the connection now.
  protocol::error_code ends_with(const protocol::error_code& how) const {
    return handshake_.error_of_end(how);
  }
  /// A success that carries nothing: done, or not found.
  handshake_talk& hears_empty() { return hears(reply_frame(0)); }

  protocol::handshake_outcome finishes() {
    REQUIRE(std::holds_alternative<protocol::handshake::finished>(step_));
    return std::move(std::get<protocol::handshake::finished>(step_).outcome);
  }
  template <class Error>
  void fails(Error expected, protocol::command during) {
    REQUIRE(std::holds_alternative<protocol::handshake::failed>(step_));
    const auto& failed = std::get<protocol::handshake::failed>(step_);
    CHECK(failed.error == make_error_code(expected));
    CHECK(protocol::to_string(failed.during) == protocol::to_string(during));
  }

  /// What the server accepts instead, after a failure.
  std::optional<protocol::version_window> window_told() const {
    return std::get<protocol::handshake::failed>(step_).window;
  }

  /// The beginning of most transcripts: a login that succeeds, a server that says its version.
  handshake_talk& logs_in(std::string_view version = "0.8.0") {
    says(protocol::login_with_password{"iggy", "secret", "1.0", ""}).hears(user());
    return says(protocol::get_stats{}).hears(reply_frame(0, stats_payload(version)));
  }

  static frame_bytes user() { return from_hex("000000000400000000000000"); }
  static frame_bytes stream() { return recorded_session("0.8.0").at(5).reply; }
  /// get_topic's answer with these partitions.
  static frame_bytes topic(const std::vector<std::uint32_t>& partitions) {
    const frame_bytes recorded = recorded_session("0.8.0").at(7).reply;
    frame_bytes payload(recorded.begin() + 8, recorded.end() - std::ptrdiff_t{8} * 40);
    set_number(payload, 12, static_cast<std::uint32_t>(partitions.size()));
    for (const std::uint32_t id : partitions) {
      append_number(payload, id);
      payload.resize(payload.size() + 36);
    }
    return reply_frame(0, payload);
  }
  static std::vector<std::uint32_t> ids(std::size_t count) {
    std::vector<std::uint32_t> all(count);
    std::iota(all.begin(), all.end(), 0);
    return all;
  }

 private:
  protocol::handshake handshake_;
  protocol::handshake::step step_;
};

}  // namespace vibes::test
