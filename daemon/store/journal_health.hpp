#pragma once

#include <optional>
#include <string_view>

#include "daemon/base/result.hpp"
#include "daemon/base/time.hpp"

namespace vibes::store {

enum class journal_state : std::uint8_t {
  off,      // there is no directory, or one that must not be touched
  opening,  // the first attempt is not over: nothing may be admitted yet
  healthy,
  failed,  // the disk does not do what it should: opened again, with a growing pause
};

std::string_view to_string(journal_state) noexcept;

struct health_settings {
  bool has_journal = false;
  bool syncs_every_group = false;  // so that what is written can be called durable
  duration reopen_min{};
  duration reopen_max{};
};

/// Whether the journal works, what its last trouble was, and when it is opened again. The pause
/// between two attempts doubles up to a limit, and is short again once a job was written.
///
/// No I/O, no clock.
class journal_health {
 public:
  explicit journal_health(const health_settings&) noexcept;

  journal_state state() const noexcept { return state_; }
  bool is_off() const noexcept { return state_ == journal_state::off; }
  bool is_healthy() const noexcept { return state_ == journal_state::healthy; }
  bool offers_durable() const noexcept { return is_healthy() && settings_.syncs_every_group; }
  const error_code& last_error() const noexcept { return last_error_; }
  std::optional<time_point> last_error_at() const noexcept { return last_error_at_; }
  /// While it is opening, or failed.
  time_point open_at() const noexcept { return open_at_; }

  void opened() noexcept { change_to(journal_state::healthy); }
  void wrote() noexcept { pause_ = settings_.reopen_min; }
  /// The journal is closed, with an error or without a new one. `ends_attempt`: an attempt to open
  /// it is over, so the next one comes later. Gives the state before.
  journal_state failed(const error_code&, bool ends_attempt, time_point now) noexcept;
  /// Trouble that does not close the journal.
  void note_error(const error_code&, time_point now) noexcept;
  /// The directory must not be touched. That is for good.
  void give_up(const error_code& why) noexcept;

 private:
  void change_to(journal_state) noexcept;

  health_settings settings_;
  journal_state state_;
  time_point open_at_;
  duration pause_;
  error_code last_error_;
  std::optional<time_point> last_error_at_;
};

}  // namespace vibes::store
