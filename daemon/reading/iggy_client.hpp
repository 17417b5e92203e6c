#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/reading/blocking_stream.hpp"
#include "protocol/handshake.hpp"

namespace vibes::reading {

struct client_settings {
  struct address {
    std::string host;
    std::string port;
  };
  std::vector<address> addresses;  // tried in turn
  protocol::handshake_plan handshake;
  duration connect_timeout = std::chrono::seconds(5);
  duration reply_timeout = std::chrono::seconds(10);
};

/// One request, one reply, each within its deadline, for tools that may wait. After an error of the
/// transport or the wire the connection is closed, and connect() makes a new one. One thread.
class iggy_client {
 public:
  explicit iggy_client(client_settings);

  /// Connects to the first address that lets the handshake finish.
  error_code connect();
  bool connected() const noexcept { return stream_.is_open(); }

  /// The reply to a request; a status of Iggy is an error (iggy_category) and keeps the connection.
  /// Spans in the reply live until the next call.
  protocol::result<protocol::reply_body> ask(const protocol::control_request&);

  const protocol::handshake_outcome& server() const noexcept { return server_; }
  const client_settings& settings() const noexcept { return settings_; }
  /// What was going on when the last error came, and where, for a message.
  protocol::command last_command() const noexcept { return last_command_; }
  std::string last_address() const;
  bool failed_in_connect() const noexcept { return failed_in_connect_; }

 private:
  error_code connect_to(const client_settings::address&);
  template <class Need>
  protocol::result<protocol::const_bytes> read_frame(Need&& need, time_point deadline);

  client_settings settings_;
  blocking_stream stream_;
  std::unique_ptr<protocol::codec> codec_;
  protocol::handshake_outcome server_;
  protocol::byte_vector received_;
  std::size_t taken_ = 0;  // of received_: the frame handed out last
  protocol::command last_command_ = protocol::command::ping;
  std::size_t last_address_ = 0;
  bool failed_in_connect_ = false;
};

}  // namespace vibes::reading
