#pragma once

#include "protocol/reply.hpp"

namespace vibes::protocol {

/// One partition of the topic, and where a request to it goes.
struct partition_place {
  partition_id id = 0;
  partition_context context{};
  std::uint8_t primary_replica = 0;  // 0.10 with several nodes only, once routed
  std::uint32_t view = 0;
  bool routed = false;
};

/// The nodes and the topic's partitions, as replies tell of them. Says what is still to be asked.
struct topology {
  std::vector<cluster_node> nodes;          // empty where the server knows no such thing
  std::vector<partition_place> partitions;  // sorted by id

  std::vector<partition_id> partition_ids() const;
  const partition_place* find(partition_id) const noexcept;
  const cluster_node* node(std::uint8_t replica_id) const noexcept;

  /// Whether partitions are led by nodes of their own: 0.10 with more than one.
  bool led_by_partition(generation gen) const noexcept {
    return gen == generation::iggy_0_10 && nodes.size() > 1;
  }
  /// The next partition whose route is to be asked for; only where led_by_partition.
  const partition_place* next_unrouted() const noexcept;

  /// The leader, when it is another node than the one at `ip` and `port` or `host` and `port`: a
  /// server alone is never a reason to connect elsewhere, whatever address it believes to have.
  struct address {
    std::string host;  // as configured
    std::string ip;    // of the connection
    std::uint16_t port = 0;
  };
  enum class leader_is : std::uint8_t { here, elsewhere, unknown };
  leader_is leader_from(const address& connected) const noexcept;
  const cluster_node* leader() const noexcept;
  /// The node that one is connected to: the leader where that is here, else who has that address.
  const cluster_node* here(const address& connected) const noexcept;

  void take(const topic_details&);
  void take(partition_id, const partition_route&);
};

}  // namespace vibes::protocol
