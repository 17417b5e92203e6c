#include "daemon/link/backoff.hpp"

#include <algorithm>

namespace vibes::link {

duration backoff_delay(std::uint32_t attempt, duration min, duration max,
                       std::uint64_t random) noexcept {
  if (max <= min) return min;
  // Compared before it is doubled: a floor of hours would overflow long before `attempt` ends.
  const std::uint32_t doublings = std::min(attempt, std::uint32_t{61}) + 1;
  const duration::rep base = std::max<duration::rep>(min.count(), 1);
  const duration::rep ceiling = base > (max.count() >> doublings) ? max.count() : base << doublings;
  const auto span = static_cast<std::uint64_t>(ceiling - min.count());
  return min + duration(static_cast<duration::rep>(random % (span + 1)));
}

}  // namespace vibes::link
