#include "daemon/app/descriptor_budget.hpp"

#include <algorithm>

namespace vibes::app {

descriptor_budget plan_descriptors(std::uint64_t connections_max, std::uint64_t soft,
                                   std::uint64_t hard, std::uint64_t more_sockets) noexcept {
  const std::uint64_t reserved = reserved_descriptors + more_sockets;
  const std::uint64_t wanted = connections_max + reserved;
  descriptor_budget plan;
  plan.limit = std::max(soft, std::min(wanted, hard));
  const std::uint64_t left = plan.limit - std::min(plan.limit, reserved);
  plan.producers_max = std::clamp<std::uint64_t>(left, 1, connections_max);
  return plan;
}

}  // namespace vibes::app
