#pragma once

#include "daemon/admin/intake_counters.hpp"

namespace vibes::io {

/// SO_PEERCRED of a connected Unix socket; unknown fields stay at their defaults.
admin::producer_info peer_of(int descriptor) noexcept;

}  // namespace vibes::io
