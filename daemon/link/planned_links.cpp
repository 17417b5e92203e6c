#include "daemon/link/planned_links.hpp"

#include <set>

namespace vibes::link {

std::vector<planned_link> planned_links(const link_report& coordinator, const link_shared& shared) {
  std::vector<planned_link> wanted;
  if (coordinator.state != link_state::ready || !shared.session) return wanted;
  for (const std::uint8_t replica : std::set(shared.leaders.begin(), shared.leaders.end())) {
    const protocol::cluster_node* const node = shared.places.node(replica);
    if (replica == shared.coordinator_replica || node == nullptr) continue;
    wanted.push_back({replica, node->address(), shared.session->id});
  }
  return wanted;
}

}  // namespace vibes::link
