#pragma once

#include <memory>
#include <optional>

#include "protocol/codec.hpp"
#include "protocol/topology.hpp"
#include "protocol/version_probe.hpp"

namespace vibes::protocol {

using credentials = std::variant<login_with_password, login_with_token>;

/// What a connection wants to reach before its first send or poll.
struct handshake_plan {
  credentials login;
  std::optional<generation> wanted;     // a setting; wins over detection, and is still confirmed
  std::optional<detection> detected{};  // without it a server of 0.4 to 0.8 is expected
  /// What an earlier connection's end told (meaning_of_close): believed where the server does not
  /// say its version to this user.
  std::optional<generation> assumed{};
  std::string stream;
  std::string topic;
  bool create = true;                  // create stream and topic when missing
  std::uint32_t partitions_count = 8;  // of a topic created here

  // From 0.9 on only.
  message_id client{};                      // for a new session: random, not zero
  std::array<std::byte, 32> bind_secret{};  // random
  std::shared_ptr<session> resumed{};       // 0.10: tried before a new login
  topology::address connected_to{};
  bool may_redirect = true;  // false: stays where it is, whoever leads
  bool bind_only = false;    // continues `resumed`, and asks for nothing else
};

/// What was learnt; valid until the connection ends, and never carried over to the next one.
struct handshake_outcome {
  generation gen = generation::iggy_0_7;
  std::string server_version;  // "0.8.0"; empty when the server would not say
  std::string stream;          // as the server keeps the names: 0.4 changes some
  std::string topic;
  topology places;  // at least one partition
  bool topic_created = false;
  bool resumed = false;  // the session of an earlier connection goes on
};

/// Login, generation, stream, topic: one request at a time, until finished or failed. Sans-I/O: the
/// caller sends the bytes of `send_request`, waits (with a deadline of its own) for the reply frame
/// and hands it back. After `finished` or `failed` the object is spent.
///
/// The login of 0.4 to 0.8 is sent only after the same connection has answered a ping as Iggy does.
/// For 0.9 and later the caller probes the address first (plan.detected), or continues a session.
class handshake {
 public:
  struct send_request {
    byte_vector frame;  // one whole request frame
  };
  struct finished {
    handshake_outcome outcome;
    std::unique_ptr<codec> wire;
    std::shared_ptr<session> with;  // from 0.9 on
  };
  /// Another node leads: connect there.
  struct redirected {
    cluster_node leader;
  };
  struct failed {
    error_code error;  // iggy_errc of a status, or wire_errc
    command during = command::ping;
    std::optional<version_window> window{};  // what the server accepts instead, when it says
  };
  using step = std::variant<send_request, finished, redirected, failed>;

  explicit handshake(handshake_plan);
  ~handshake();
  handshake(handshake&&) noexcept;
  handshake& operator=(handshake&&) noexcept;

  step start();
  /// How much of the buffered bytes the awaited reply needs.
  frame_need need(const_bytes buffered, std::size_t frame_size_max) const noexcept;
  /// One whole frame, as `need` measured it.
  step on_frame(const_bytes frame);
  /// The request whose reply is awaited.
  command awaiting() const noexcept;
  /// What it means when the server closes now instead of answering: a generation to assume on the
  /// next connection to it, or nothing.
  std::optional<generation> meaning_of_close() const noexcept;
  /// The error to report when the connection ends now: `transport_error`, or login_withheld when
  /// the peer hangs up instead of answering the ping.
  error_code error_of_end(const error_code& transport_error) const noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace vibes::protocol
