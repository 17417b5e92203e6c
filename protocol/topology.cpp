#include "protocol/topology.hpp"

#include <algorithm>

namespace vibes::protocol {
namespace {

constexpr std::uint8_t healthy = 0;

bool is_at(const cluster_node& node, const topology::address& where) noexcept {
  return node.tcp_port == where.port && (node.ip == where.ip || node.ip == where.host);
}

}  // namespace

std::vector<partition_id> topology::partition_ids() const {
  std::vector<partition_id> ids;
  for (const partition_place& each : partitions) ids.push_back(each.id);
  return ids;
}

const partition_place* topology::find(partition_id id) const noexcept {
  const auto found = std::ranges::lower_bound(partitions, id, {}, &partition_place::id);
  return found == partitions.end() || found->id != id ? nullptr : &*found;
}

const cluster_node* topology::node(std::uint8_t replica_id) const noexcept {
  const auto found = std::ranges::find(nodes, replica_id, &cluster_node::replica_id);
  return found == nodes.end() ? nullptr : &*found;
}

const partition_place* topology::next_unrouted() const noexcept {
  const auto found = std::ranges::find(partitions, false, &partition_place::routed);
  return found == partitions.end() ? nullptr : &*found;
}

const cluster_node* topology::leader() const noexcept {
  const auto found = std::ranges::find_if(
      nodes, [](const cluster_node& each) { return each.leader && each.status == healthy; });
  return found == nodes.end() ? nullptr : &*found;
}

topology::leader_is topology::leader_from(const address& connected) const noexcept {
  if (nodes.size() < 2) return leader_is::here;
  const cluster_node* const found = leader();
  if (found == nullptr) return leader_is::unknown;
  return is_at(*found, connected) ? leader_is::here : leader_is::elsewhere;
}

const cluster_node* topology::here(const address& connected) const noexcept {
  if (leader_from(connected) == leader_is::here) return leader();
  const auto found =
      std::ranges::find_if(nodes, [&](const cluster_node& each) { return is_at(each, connected); });
  return found == nodes.end() ? nullptr : &*found;
}

void topology::take(const topic_details& topic) {
  partitions.clear();
  for (const partition_details& each : topic.partitions) {
    partitions.push_back({.id = each.id, .context = each.context});
  }
}

void topology::take(partition_id id, const partition_route& route) {
  const auto found = std::ranges::lower_bound(partitions, id, {}, &partition_place::id);
  if (found == partitions.end() || found->id != id) return;
  *found = {id, route.context, route.primary_replica, route.view, true};
}

}  // namespace vibes::protocol
