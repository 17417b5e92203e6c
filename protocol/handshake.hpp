#pragma once

#include <memory>
#include <optional>

#include "protocol/codec.hpp"

namespace vibes::protocol {

using credentials = std::variant<login_with_password, login_with_token>;

/// What a connection wants to reach before its first send or poll.
struct handshake_plan {
  credentials login;
  std::optional<generation> wanted;  // nullopt: told apart after login
  /// What an earlier connection's end told (meaning_of_close): believed where the server does not
  /// say its version to this user.
  std::optional<generation> assumed;
  std::string stream;
  std::string topic;
  bool create = true;                  // create stream and topic when missing
  std::uint32_t partitions_count = 8;  // of a topic created here
};

/// What was learnt; valid until the connection ends, and never carried over to the next one.
struct handshake_outcome {
  generation gen = generation::classic_0_7;
  std::string server_version;  // "0.8.0"; empty when the server would not say
  std::string stream;          // as the server keeps the names: 0.4 changes some
  std::string topic;
  std::vector<partition_id> partitions;  // sorted, at least one
  bool topic_created = false;
};

/// Login, generation, stream, topic: one request at a time, until finished or failed. Sans-I/O: the
/// caller sends the bytes of `send_request`, waits (with a deadline of its own) for the reply frame
/// and hands it back. After `finished` or `failed` the object is spent.
class handshake {
 public:
  struct send_request {
    byte_vector frame;  // one whole request frame
  };
  struct finished {
    handshake_outcome outcome;
  };
  struct failed {
    error_code error;  // iggy_errc of a status, or wire_errc
    command during = command::ping;
  };
  using step = std::variant<send_request, finished, failed>;

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

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace vibes::protocol
