#pragma once

#include "daemon/base/time.hpp"

namespace vibes::app {

/// How long each step of a stop may take. The first two share `drain`.
struct stop_limits {
  duration drain{};                                  // producers are read, then the queue drains
  duration link_close = std::chrono::seconds(1);     // the link lets go of its connection
  duration journal_close = std::chrono::seconds(3);  // what is left is written to the disk
  duration dead_letter_close = std::chrono::seconds(2);
  unsigned threads_end_s = 2;  // whole seconds: threads are joined, memory is freed
  duration log_close = std::chrono::seconds(1);

  /// The longest that a stop may take.
  constexpr duration total() const noexcept {
    return drain + link_close + journal_close + dead_letter_close +
           std::chrono::seconds(threads_end_s) + log_close;
  }
};

enum class stop_step : std::uint8_t {
  reading,   // what producers have written already
  draining,  // the link sends what is queued
  cutting,   // the link is told to stop at once
  closing,   // the link has stopped, or hangs; the journal gets what is left
  done,
};

/// What a stop looks at.
struct stop_view {
  bool producers_read = false;  // there is nothing more to read from them
  bool link_stopped = false;
  bool iggy_away = false;    // an attempt to reach Iggy has failed since the drain began
  bool all_on_disk = false;  // every event that is queued is in the journal
  bool nothing_queued = false;
  bool journal_closed = false;
};

/// The order of a stop and the limit of each of its steps; no I/O, no clock. A drain ends early
/// when it cannot be worth its wait: Iggy is away and the next start sends everything anyway.
class stop_machine {
 public:
  stop_machine(const stop_limits& limits, time_point now) noexcept
      : limits_(limits), drain_until_(now + limits.drain) {}

  /// To be asked again and again until `done`. One step at a time.
  stop_step advance(const stop_view&, time_point now) noexcept;
  /// Somebody asked a second time.
  void skip_drain(time_point now) noexcept;

  stop_step step() const noexcept { return step_; }
  bool ended_early() const noexcept { return ended_early_; }
  /// The link had to be left in the middle of a call.
  bool link_hangs() const noexcept { return link_hangs_; }

 private:
  void enter(stop_step, time_point now) noexcept;

  stop_limits limits_;
  stop_step step_ = stop_step::reading;
  time_point drain_until_;
  time_point step_since_;
  bool ended_early_ = false;
  bool link_hangs_ = false;
};

}  // namespace vibes::app
