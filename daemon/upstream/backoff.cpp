#include "daemon/upstream/backoff.hpp"

#include <algorithm>

namespace vibes::upstream {

duration backoff_delay(std::uint32_t attempt, duration min, duration max,
                       std::uint64_t random) noexcept {
  if (max <= min) return min;
  // Doubling stops before it could overflow: by then the ceiling is far above any `max` in use.
  const std::uint32_t doublings = std::min(attempt + 1, std::uint32_t{20});
  const duration::rep doubled = std::max<duration::rep>(min.count(), 1) << doublings;
  const duration::rep ceiling = std::min(doubled, max.count());
  const auto span = static_cast<std::uint64_t>(ceiling - min.count());
  return min + duration(static_cast<duration::rep>(random % (span + 1)));
}

}  // namespace vibes::upstream
