#pragma once

#include <memory>
#include <string>

#include "daemon/consumer/blocking_stream.hpp"
#include "protocol/handshake/handshake.hpp"

namespace vibes::consumer {

struct server_address {
  std::string host;
  std::string port;

  std::string text() const;
};

/// One connection to one node: one request, one reply, each within its deadline. After an error of
/// the transport or the wire it is closed. One thread.
class iggy_connection {
 public:
  struct patience {
    duration connect_timeout = std::chrono::seconds(5);
    duration reply_timeout = std::chrono::seconds(10);
  };
  explicit iggy_connection(patience limits) : patience_(limits) {}

  bool is_open() const noexcept { return stream_.is_open(); }
  void close() noexcept { stream_.close(); }
  /// Where the connection leads; empty and 0 when there is none.
  std::pair<std::string, std::uint16_t> peer() const { return stream_.peer(); }

  /// Which server stands there, on a connection that is closed afterwards.
  result<protocol::detection> probe(const server_address&, const protocol::message_id& client);

  /// Connects and shakes hands. What else than `finished` the handshake ends with is in `ended`.
  error_code open(const server_address&, protocol::handshake_plan);
  protocol::handshake::finished take_outcome();
  /// Another node leads, or nothing.
  const std::optional<protocol::handshake::redirected>& redirected() const { return redirected_; }
  std::optional<protocol::generation> meaning_of_close() const noexcept { return meaning_; }
  std::optional<protocol::version_window> window() const noexcept { return window_; }

  /// The reply to a request; a status of Iggy is an error (iggy_category) and keeps the connection.
  /// Spans in the reply live until the next call.
  protocol::result<protocol::reply_body> ask(const protocol::control_request&, protocol::codec&);

  /// What was going on when the last error came, for a message.
  protocol::command last_command() const noexcept { return last_command_; }
  bool failed_in_connect() const noexcept { return failed_in_connect_; }

 private:
  error_code connect(const server_address&);
  error_code shake_hands(protocol::handshake&);
  template <class Need>
  protocol::result<protocol::const_bytes> read_frame(Need&& need, time_point deadline);

  patience patience_;
  blocking_stream stream_;
  protocol::byte_vector received_;
  std::size_t taken_ = 0;  // of received_: the frame handed out last
  std::optional<protocol::handshake::finished> reached_;
  std::optional<protocol::handshake::redirected> redirected_;
  std::optional<protocol::generation> meaning_;
  std::optional<protocol::version_window> window_;
  protocol::command last_command_ = protocol::command::ping;
  bool failed_in_connect_ = false;
};

}  // namespace vibes::consumer
