#pragma once

#include <string>
#include <vector>

#include "daemon/link/link_report.hpp"
#include "daemon/link/link_shared.hpp"

namespace vibes::link {

/// A link that there should be beside the coordinator link: to a node that leads some of our
/// partitions.
struct planned_link {
  std::uint8_t replica = 0;
  std::string address;        // "ip:port"
  std::uint64_t session = 0;  // that it continues
  friend bool operator==(const planned_link&, const planned_link&) = default;
};

/// By replica, each once. None while the coordinator link is not ready: the session that they
/// continue may not be there any more. Pure.
std::vector<planned_link> planned_links(const link_report& coordinator, const link_shared&);

}  // namespace vibes::link
