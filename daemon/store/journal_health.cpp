#include "daemon/store/journal_health.hpp"

#include <algorithm>

#include "daemon/base/assert.hpp"

namespace vibes::store {
namespace {

bool may_follow(journal_state from, journal_state to) noexcept {
  switch (from) {
    case journal_state::off: return to == journal_state::off;
    case journal_state::opening: return true;
    case journal_state::healthy:
    case journal_state::failed: return to != journal_state::opening;
  }
  return false;
}

}  // namespace

std::string_view to_string(journal_state state) noexcept {
  switch (state) {
    case journal_state::off: return "off";
    case journal_state::opening: return "opening";
    case journal_state::healthy: return "healthy";
    case journal_state::failed: return "failed";
  }
  return "unknown";
}

journal_health::journal_health(const health_settings& settings) noexcept
    : settings_(settings),
      state_(settings.has_journal ? journal_state::opening : journal_state::off),
      open_at_(time_point::min()),
      pause_(settings.reopen_min) {}

void journal_health::change_to(journal_state next) noexcept {
  VIBES_ASSERT(may_follow(state_, next));
  state_ = next;
}

journal_state journal_health::failed(const error_code& error, bool ends_attempt,
                                     time_point now) noexcept {
  const journal_state before = state_;
  if (error) note_error(error, now);
  if (before == journal_state::healthy || ends_attempt) {
    open_at_ = now + pause_;
    pause_ = std::min(2 * pause_, settings_.reopen_max);
  }
  change_to(journal_state::failed);
  return before;
}

void journal_health::note_error(const error_code& error, time_point now) noexcept {
  last_error_ = error;
  last_error_at_ = now;
}

void journal_health::give_up(const error_code& why) noexcept {
  last_error_ = why;
  change_to(journal_state::off);
}

}  // namespace vibes::store
