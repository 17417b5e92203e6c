#pragma once

#include <map>
#include <vector>

#include "daemon/consumer/iggy_connection.hpp"

namespace vibes::consumer {

struct client_settings {
  using address = server_address;
  std::vector<address> addresses;  // at least one; tried in turn
  protocol::handshake_plan handshake;
  duration connect_timeout = std::chrono::seconds(5);
  duration reply_timeout = std::chrono::seconds(10);
  duration topology_refresh = std::chrono::seconds(30);
};

enum class topology_is : std::uint8_t { known, changed };

/// A server or cluster of any generation, for tools that may wait: finds out which it is, follows
/// it to the node that leads, and asks each partition's own leader where there is one. After an
/// error of the transport or the wire the connections are closed, and connect() makes new ones. One
/// thread.
class iggy_client {
 public:
  explicit iggy_client(client_settings);

  /// Connects to the first address that lets the handshake finish.
  error_code connect();
  bool connected() const noexcept { return coordinator_.is_open(); }

  /// The reply to a request; a status of Iggy is an error (iggy_category) and keeps the connection.
  /// Spans in the reply live until the next call.
  protocol::result<protocol::reply_body> ask(const protocol::control_request&);
  /// The same of the node that leads a partition.
  protocol::result<protocol::reply_body> ask_leader(protocol::partition_id,
                                                    const protocol::control_request&);
  /// What a request to the partition has to carry.
  protocol::partition_context context_of(protocol::partition_id) const;

  /// Whether partitions, and who leads them, are as server() says. If not, connect() learns them.
  result<topology_is> inspect_topology();

  const protocol::handshake_outcome& server() const noexcept { return server_; }
  /// How often connect() has succeeded: server() may say something else since.
  std::uint64_t connections() const noexcept { return connections_; }
  const client_settings& settings() const noexcept { return settings_; }
  /// What was going on when the last error came, and where, for a message.
  protocol::command last_command() const noexcept { return last_->last_command(); }
  std::string last_address() const { return last_address_.text(); }
  bool failed_in_connect() const noexcept { return last_->failed_in_connect(); }
  bool failed_before_login() const noexcept {
    return !failed_in_connect() && last_command() == protocol::command::ping;
  }
  std::optional<protocol::version_window> window() const noexcept { return coordinator_.window(); }

 private:
  error_code connect_to(const server_address&);
  error_code probe(const server_address&, protocol::handshake_plan&);
  error_code follow(server_address, protocol::handshake_plan);
  protocol::result<iggy_connection*> connection_to(protocol::partition_id);
  result<topology_is> inspect_routes(protocol::topology);

  client_settings settings_;
  iggy_connection coordinator_;
  std::map<std::uint8_t, iggy_connection> node_links_;  // to other nodes, by replica
  iggy_connection* last_ = &coordinator_;
  server_address last_address_;
  std::unique_ptr<protocol::codec> codec_;
  std::shared_ptr<protocol::session> session_;
  protocol::handshake_outcome server_;
  protocol::topology::address coordinator_peer_;
  std::uint64_t connections_ = 0;
};

}  // namespace vibes::consumer
