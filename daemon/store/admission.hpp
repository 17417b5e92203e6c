#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "daemon/base/time.hpp"

namespace vibes::store {

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

/// Whether the queue may grow: asks the system ahead of each step, so that there is memory for
/// everything else while new events are refused.
class memory_headroom {
 public:
  static constexpr std::size_t step_bytes = 1 << 20;
  static constexpr std::size_t kept_bytes = 2 << 20;  // for what is not the queue

  using question = bool (*)(std::size_t bytes) noexcept;
  explicit memory_headroom(question is_left) noexcept : is_left_(is_left) {}

  /// `queued_bytes` of the queue as it is, before this event.
  bool allows(std::size_t queued_bytes, std::size_t event_bytes) noexcept {
    const std::size_t then = queued_bytes + event_bytes;
    // What a queue that has become shorter gave back may be in use elsewhere.
    proven_bytes_ = std::min(proven_bytes_, then + step_bytes);
    if (then < proven_bytes_) return true;
    if (!is_left_(event_bytes + step_bytes + kept_bytes)) return false;
    proven_bytes_ = then + step_bytes;
    return true;
  }

 private:
  question is_left_;
  std::size_t proven_bytes_ = 0;
};

/// Pure. `waiting_since` is when this event first did not fit.
overflow_verdict decide_overflow(const admission_limits&, const progress_watch&, time_point now,
                                 time_point waiting_since) noexcept;

/// When a producer that was told to wait should ask again even if nothing was committed.
time_point ask_again_at(const admission_limits&, const progress_watch&,
                        time_point waiting_since) noexcept;

}  // namespace vibes::store
