#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/base/log.hpp"
#include "daemon/store/journal_scheduler.hpp"

namespace vibes::admin {

/// One line about how the journal in `directory` is: what was found, or what is wrong and what
/// happens meanwhile.
std::string explain_journal(const store::journal_scheduler&, const std::string& directory);

/// What is wrong with a directory that was opened, a line for each kind of damage; none when all is
/// well.
std::vector<std::string> explain_damage(const journal::recovery_report&);

/// How serious that line is.
log_level journal_log_level(const store::journal_scheduler&) noexcept;

/// When that line is due: at once when the journal changes its state; when it becomes full, unless
/// that was said a moment ago (it may come and go with each event); and now and then while it is
/// failed. A change is not repeated by a period that ends just then.
class journal_watch {
 public:
  explicit journal_watch(duration period) : period_(period) {}

  bool is_due(store::journal_state state, bool full, time_point now) noexcept {
    const bool has_changed = std::exchange(state_, state) != state;
    const bool has_filled = full && !std::exchange(full_, full) && is_over(full_said_at_, now);
    full_ = full;
    const bool goes_on = state == store::journal_state::failed && is_over(said_at_, now);
    if (has_filled) full_said_at_ = now;
    if (!has_changed && !has_filled && !goes_on) return false;
    said_at_ = now;
    return true;
  }

 private:
  bool is_over(const std::optional<time_point>& since, time_point now) const noexcept {
    return !since || now - *since >= period_;
  }

  duration period_;
  store::journal_state state_ = store::journal_state::opening;
  bool full_ = false;
  std::optional<time_point> said_at_;
  std::optional<time_point> full_said_at_;
};

}  // namespace vibes::admin
