#pragma once

#include <cstdint>

#include "daemon/base/time.hpp"

namespace vibes::link {

/// How long to wait before attempt number `attempt` (0 is the first retry): full jitter between
/// `min` and a ceiling that doubles with each attempt up to `max`. `random` is any uniformly
/// distributed number. Pure. The result never leaves [min, max]: the floor keeps a server that
/// accepts and drops from being hammered, the jitter keeps many daemons from coming back at once.
duration backoff_delay(std::uint32_t attempt, duration min, duration max,
                       std::uint64_t random) noexcept;

}  // namespace vibes::link
