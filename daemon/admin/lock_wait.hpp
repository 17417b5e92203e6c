#pragma once

#include <algorithm>
#include <cstdint>

#include "daemon/base/time.hpp"

namespace vibes::admin {

/// What was found of a lock at one moment.
struct lock_state {
  bool is_held = false;
  std::int64_t holder_pid = 0;  // 0: not known
};

/// How long a start waits for a journal that somebody else uses, and when it says so: once, and
/// again when another one holds it. Free of I/O and clocks.
class lock_wait {
 public:
  static constexpr duration check_period = std::chrono::milliseconds(100);

  enum class action : std::uint8_t { start, wait, give_up };
  struct step {
    action what = action::start;
    duration check_again_in{};  // of wait
    bool says_so = false;       // of wait: who holds it is news
  };

  lock_wait(duration limit, time_point began) : ends_at_(began + limit) {}

  step next(const lock_state& seen, time_point now) {
    if (!seen.is_held) return {action::start, {}, false};
    if (now >= ends_at_) return {action::give_up, {}, false};
    // A holder that is just ending is not known any more: that is no news.
    const bool is_new = !has_said_ || (seen.holder_pid != 0 && said_of_ != seen.holder_pid);
    if (is_new) said_of_ = seen.holder_pid;
    has_said_ = true;
    return {action::wait, std::min(check_period, ends_at_ - now), is_new};
  }

 private:
  time_point ends_at_;
  bool has_said_ = false;
  std::int64_t said_of_ = 0;  // the pid that the newest line named
};

}  // namespace vibes::admin
