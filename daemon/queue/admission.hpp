#pragma once

#include <algorithm>
#include <cstdint>

#include "daemon/base/time.hpp"

namespace vibes::queue {

enum class overflow_policy : std::uint8_t { drop_oldest, drop_newest, block };

struct admission_limits {
  overflow_policy policy = overflow_policy::drop_oldest;
  duration block = std::chrono::milliseconds(1'000);
  duration stall = std::chrono::milliseconds(1'000);
};

/// What to do with an event that does not fit.
enum class overflow_verdict : std::uint8_t {
  wait,         // commits progress, or `block` has time left: the producer is not read meanwhile
  drop_oldest,  // make room and try again
  refuse,       // the new event is the one that is lost
};

/// Knows whether the queue makes progress. Filling up is ordinary while commits come (producers
/// wait a moment); the overflow policy is for outages: it applies once the link has been down for
/// `stall`, or the queue has held events for `stall` without a commit.
class progress_watch {
 public:
  explicit progress_watch(time_point started) noexcept
      : down_since_(started), quiet_since_(started) {}

  void link_up() noexcept { connected_ = true; }
  void link_down(time_point now) noexcept {
    if (connected_) down_since_ = now;
    connected_ = false;
  }
  void committed(time_point now) noexcept { quiet_since_ = now; }
  /// The queue was empty until now: there was nothing that could have been committed.
  void became_busy(time_point now) noexcept { quiet_since_ = now; }

  /// From when on the overflow policy applies, unless a commit comes first.
  time_point stalled_at(duration stall) const noexcept {
    const time_point quiet = quiet_since_ + stall;
    return connected_ ? quiet : std::min(quiet, down_since_ + stall);
  }

  /// The link is up, and the last commit is not longer ago than that.
  bool progresses(duration stall, time_point now) const noexcept {
    return connected_ && now < stalled_at(stall);
  }

  time_point last_progress() const noexcept { return quiet_since_; }

 private:
  bool connected_ = false;
  time_point down_since_;
  time_point quiet_since_;
};

/// Pure. `waiting_since` is when this event first did not fit.
overflow_verdict decide_overflow(const admission_limits&, const progress_watch&, time_point now,
                                 time_point waiting_since) noexcept;

/// When a producer that was told to wait should ask again even if nothing was committed.
time_point ask_again_at(const admission_limits&, const progress_watch&,
                        time_point waiting_since) noexcept;

}  // namespace vibes::queue
