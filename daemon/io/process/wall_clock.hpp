#pragma once

#include <chrono>
#include <cstdint>

namespace vibes::io {

/// Unix time, for what people and Iggy read. Nothing is decided by it.
inline std::uint64_t unix_time_us() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count());
}

}  // namespace vibes::io
