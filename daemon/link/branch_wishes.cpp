#include "daemon/link/branch_wishes.hpp"

#include <set>

namespace vibes::link {

std::vector<branch_wish> wanted_branches(const link_report& home, const link_shared& shared) {
  std::vector<branch_wish> wanted;
  if (home.state != link_state::ready || !shared.session) return wanted;
  for (const std::uint8_t replica : std::set(shared.leaders.begin(), shared.leaders.end())) {
    const protocol::cluster_node* const node = shared.places.node(replica);
    if (replica == shared.home_replica || node == nullptr) continue;
    wanted.push_back({replica, node->address(), shared.session->id});
  }
  return wanted;
}

}  // namespace vibes::link
