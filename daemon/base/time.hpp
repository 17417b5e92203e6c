#pragma once

#include <chrono>

namespace vibes {

/// Rooms that decide take the time as an argument; only drivers read the clock.
using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

}  // namespace vibes
