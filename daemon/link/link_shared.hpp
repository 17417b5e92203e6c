#pragma once

#include <memory>

#include "daemon/link/producer_identity.hpp"
#include "daemon/link/resend_numbers.hpp"
#include "daemon/store/batcher.hpp"
#include "protocol/topology.hpp"

namespace vibes::link {

/// What links wait for each other for.
struct link_gates {
  bool idle = true;
  bool hold_sends = false;
  bool topology_wanted = false;
  bool session_doubted = false;
  friend bool operator==(const link_gates&, const link_gates&) = default;
};

/// What the links to the nodes of one server or cluster have in common. The coordinator link, which
/// talks to the node that leads the topology, fills it in; the links to other nodes only send.
/// Outlives the links. Loop thread only.
struct link_shared {
  explicit link_shared(std::uint64_t producer_id) : producer(producer_id) {}

  std::shared_ptr<protocol::session> session;  // from 0.9 on; kept over connections in 0.10
  resend_numbers resends;                      // of that session
  producer_identity producer;
  protocol::generation generation = protocol::generation::iggy_0_7;
  protocol::topology places;          // as the coordinator link learnt it last
  std::vector<std::uint8_t> leaders;  // of each lane; empty: the coordinator's node leads them all
  std::uint8_t coordinator_replica = 0;
  std::size_t sends_in_flight = 0;       // over all links
  bool hold_sends = false;               // the partitions change: a barrier until none is in flight
  bool topology_wanted = false;          // somebody was told that ours is wrong
  bool session_doubted = false;          // a node link was told that there is no such session
  std::uint32_t binds_not_accepted = 0;  // in a row: the server is behind what we have seen

  link_gates gates() const noexcept {
    return {sends_in_flight == 0, hold_sends, topology_wanted, session_doubted};
  }

  store::lane_choice lanes_of(std::uint8_t replica) const noexcept { return {leaders, replica}; }

  /// A new session: the numbers of the old one mean nothing in it.
  void begin_session(std::shared_ptr<protocol::session> with) {
    if (with != session) resends.clear();
    session = std::move(with);
  }
};

}  // namespace vibes::link
