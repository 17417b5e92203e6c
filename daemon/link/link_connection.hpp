#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "daemon/link/frame_output.hpp"
#include "daemon/link/link_flow.hpp"
#include "daemon/store/batcher.hpp"
#include "protocol/handshake/handshake.hpp"

namespace vibes::link {

/// What belongs to one connection of a link, and ends with it: the link makes a new one for each.
/// Otherwise the next server would be spoken to as the last one was.
struct link_connection {
  /// A request without its reply.
  struct request {
    protocol::command what = protocol::command::ping;
    protocol::request_number number = 0;
    store::batch sent{};    // of send_messages
    bool repeated = false;  // the very same request went out before
    protocol::partition_id partition = 0;
    link_flow::sent flow;
    bool abandoned = false;  // what it asked is asked anew: its answer comes too late

    bool is_send() const noexcept { return what == protocol::command::send_messages; }
  };

  explicit link_connection(duration reply_timeout) : flow(reply_timeout) {}

  frame_output output;
  protocol::byte_vector received;
  link_flow flow;
  protocol::topology::address peer;              // where it leads
  std::optional<protocol::handshake> handshake;  // until it is ready
  bool window_known = false;                     // when the handshake began
  std::unique_ptr<protocol::codec> codec;        // once it is ready
  protocol::identifier stream;
  protocol::identifier topic;

  std::deque<request> unanswered;                    // oldest first
  std::optional<protocol::topology> learning;        // while topology_asked
  std::optional<protocol::topology> new_places;      // learnt, and waiting for sends to end
  std::optional<protocol::cluster_node> new_leader;  // to be followed when no send is under way
  time_point ping_at;
  time_point topology_at;
  time_point topology_held_until;
  time_point sends_held_until;
  bool topology_asked = false;
  bool ping_asked = false;
  std::uint32_t send_retries = 0;  // since something was committed
  bool committed_something = false;
};

}  // namespace vibes::link
