#pragma once

#include <cstdint>
#include <optional>

#include "daemon/base/time.hpp"

namespace vibes::admin {

/// Lets one line of a kind through in each period and counts the rest, so that a bad producer or a
/// long outage fills no log. Pure: time comes in.
class rate_limiter {
 public:
  explicit rate_limiter(duration period) : period_(period) {}

  /// Nothing: keep quiet. A number: write the line, and say that so many like it were kept back.
  std::optional<std::uint64_t> admit(time_point now) {
    if (last_ && now - *last_ < period_) {
      ++kept_back_;
      return std::nullopt;
    }
    last_ = now;
    const std::uint64_t kept_back = kept_back_;
    kept_back_ = 0;
    return kept_back;
  }

 private:
  duration period_;
  std::optional<time_point> last_;
  std::uint64_t kept_back_ = 0;
};

}  // namespace vibes::admin
