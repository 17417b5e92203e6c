#pragma once

#include <string>
#include <vector>

#include "daemon/link/link_report.hpp"
#include "daemon/link/link_shared.hpp"

namespace vibes::link {

/// A link that there should be beside the home link: to a node that leads some of our partitions.
struct branch_wish {
  std::uint8_t replica = 0;
  std::string address;        // "ip:port"
  std::uint64_t session = 0;  // that it continues
  friend bool operator==(const branch_wish&, const branch_wish&) = default;
};

/// By replica, each once. None while the home link is not ready: the session that they continue may
/// not be there any more. Pure.
std::vector<branch_wish> wanted_branches(const link_report& home, const link_shared&);

}  // namespace vibes::link
