#pragma once

#include <vector>

#include "daemon/base/signal_policy.hpp"
#include "daemon/base/time.hpp"

namespace vibes::app {

/// How long each step of a stop may take. The first two share `drain`.
struct stop_limits {
  duration drain{};                                  // producers are read, then the queue drains
  duration link_close = std::chrono::seconds(1);     // the link lets go of its connection
  duration journal_close = std::chrono::seconds(3);  // what is left is written to the disk
  duration dead_letter_close = std::chrono::seconds(2);
  duration run_note = std::chrono::seconds(1);  // what the next run reads of this one is written
  unsigned threads_end_s = 2;  // whole seconds: threads are joined, memory is freed
  duration log_close = std::chrono::seconds(1);

  /// The longest that a stop may take.
  constexpr duration total() const noexcept {
    return drain + link_close + journal_close + dead_letter_close + run_note +
           std::chrono::seconds(threads_end_s) + log_close;
  }
};

enum class stop_state : std::uint8_t {
  starting,     // nothing has been taken yet: the journal is being opened
  asked_early,  // to end, while starting
  running,
  asked,     // to end; nothing of the stop is done yet
  reading,   // what producers have written already
  draining,  // the link sends what is queued
  cutting,   // the link is told to stop at once
  closing,   // the link has stopped, or hangs; the journal gets what is left
  settling,  // what is left is counted, and everything that is open is closed
  noting,    // the next run's note of this one is being written
  left,
};

/// What a stop hears of.
enum class stop_event : std::uint8_t {
  started,  // producers are served from now on
  memory_out,
  producers_read,  // there is nothing more to read from them
  link_attempt_failed,
  link_stopped,
  dead_letters_hang,  // their disk has not answered in its time
  noted,              // the note is written, or cannot be
};

/// What a stop looks at, each time that it goes on.
struct stop_view {
  bool link_backs_off = false;  // all addresses were tried, and the next round has not begun
  bool all_on_disk = false;     // every event that is queued is in the journal
  bool nothing_queued = false;
  bool journal_closed = false;  // after close_journal: it has all that it takes; or there is none
  bool disk_answers = true;     // no reader of the journal waits for ever
  bool can_note = false;        // there is a journal, and it works
};

/// What the driver does for a stop, in the order in which it is told.
enum class stop_action : std::uint8_t {
  begin,             // tell the service manager and the log
  drop_producers,    // close their connections
  accept_no_more,    // nobody new; who is there is read to the end
  drain_links,       // send what is queued and end; a link that backs off tries again at once
  say_not_worth_it,  // Iggy is away, and the next start sends everything anyway
  cut_links,
  close_journal,  // give it what is left
  settle,         // count what is left, and close everything that is open
  write_note,
  say_note_hangs,
  leave,
};

/// Knows the whole way of the daemon from its start to its end, the order of a stop and the limit
/// of each of its steps. A drain ends early when it cannot be worth its wait: Iggy is away and the
/// next start sends everything anyway. No I/O, no clock.
///
/// The driver tells events as they happen, calls next() after each one and at wake_at(), and
/// performs what next() gives until that is nothing.
class stop_machine {
 public:
  stop_machine(const stop_limits& limits, const signal_surroundings& surroundings) noexcept
      : limits_(limits), surroundings_(surroundings) {}

  void tell(stop_event, time_point now) noexcept;
  /// What the signal means, for the log.
  signal_reaction tell_signal(int signal, time_point now) noexcept;

  std::vector<stop_action> next(const stop_view&, time_point now);
  /// When next() will have something by the passing of time alone; time_point::max() for never.
  time_point wake_at() const noexcept { return wake_at_; }

  stop_state state() const noexcept { return state_; }
  /// The daemon is to end, however far that is.
  bool is_asked() const noexcept {
    return state_ != stop_state::starting && state_ != stop_state::running;
  }
  /// The stop has begun: there is something to be asked of next().
  bool is_under_way() const noexcept { return state_ >= stop_state::asked; }
  bool ran_out_of_memory() const noexcept { return out_of_memory_; }
  /// With `drain` as it counts: none without memory.
  const stop_limits& limits() const noexcept { return limits_; }
  /// From `settle` on: whether the journal was closed in its time.
  bool journal_answered() const noexcept { return journal_answered_; }
  /// The link, the journal or the dead letters were left in the middle of a call.
  bool hangs() const noexcept { return hangs_; }

 private:
  using actions = std::vector<stop_action>;

  void enter(stop_state, time_point now) noexcept;
  void ask(time_point now) noexcept;
  void skip_drain(time_point now) noexcept;
  actions wait_until(time_point);
  actions cut(time_point now);
  actions read_on(time_point now);
  actions drain_on(const stop_view&, time_point now);
  actions cut_on(time_point now);
  actions close_on(const stop_view&, time_point now);
  actions note_on(time_point now);

  struct heard {
    bool producers_read = false;
    bool link_attempt_failed = false;  // since the drain began
    bool link_stopped = false;
    bool noted = false;
  };

  stop_limits limits_;
  signal_surroundings surroundings_;
  stop_state state_ = stop_state::starting;
  heard heard_;
  time_point since_;        // when this state was entered
  time_point drain_until_;  // from `reading` on
  time_point drained_at_;   // when the links were last told to drain
  time_point wake_at_ = time_point::max();
  bool out_of_memory_ = false;
  bool journal_answered_ = true;
  bool hangs_ = false;
};

}  // namespace vibes::app
