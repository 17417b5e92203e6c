#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/time.hpp"
#include "protocol/version_probe.hpp"

namespace vibes::link {

enum class link_state : std::uint8_t {
  connecting,   // the driver resolves and connects
  probing,      // one question on a throw-away connection: which server is this
  handshaking,  // login, generation, stream, topic
  ready,        // batches flow
  closing,      // the driver closes the socket and waits for its operations to end
  backing_off,  // waiting for the next attempt
  stopped,      // nothing more will happen
};

std::string_view to_string(link_state) noexcept;
/// The life of a link: which state may come right after which.
bool may_follow(link_state from, link_state to) noexcept;

/// What the link is and was, for status and log. Plain values, copied.
struct link_report {
  link_state state = link_state::connecting;
  std::string address;            // "host:port" of this connection, or of the last attempt
  std::size_t address_index = 0;  // of the one that is tried next; configured ones come first
  std::optional<protocol::generation> gen;  // while connected
  std::string server_version;
  std::optional<protocol::version_window> server_window;  // accepted, where we speak none of it
  std::size_t partitions_count = 0;
  time_point state_since;
  duration handshake{};  // of the last ready connection: from beginning to connect until ready
  std::uint64_t connections = 0;      // handshakes that finished
  std::uint64_t failed_attempts = 0;  // since the link was last ready
  protocol::error_code last_error;    // kept after recovery, with its time
  protocol::command last_error_during = protocol::command::ping;
  bool last_error_in_connect = false;  // no byte was exchanged
  bool last_error_in_probe = false;
  bool last_error_before_login = false;  // the ping before the login had not been answered
  std::optional<time_point> last_error_at;
  duration retry_delay{};  // while backing off
  std::size_t sends_in_flight = 0;
  bool generation_set = false;  // by the settings, not found out
  bool is_node_link = false;    // to a further node of a cluster
};

/// Something an operator would want to read once, for the driver to log.
enum class link_event : std::uint8_t {
  none,
  up,
  lost,
  attempt_failed,
  redirected,
  topology_changed,
  send_delayed,
  event_refused
};

}  // namespace vibes::link
