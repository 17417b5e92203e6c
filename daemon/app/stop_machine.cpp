#include "daemon/app/stop_machine.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/assert.hpp"

namespace vibes::app {
namespace {

using enum stop_action;

/// A link that is backing off tries again this often: its own pause may be as long as the drain.
constexpr auto drain_retry_period = std::chrono::milliseconds(250);

constexpr bool may_follow(stop_state from, stop_state to) noexcept {
  switch (to) {
    case stop_state::starting: return false;
    case stop_state::asked_early:
    case stop_state::running: return from == stop_state::starting;
    case stop_state::asked: return from == stop_state::asked_early || from == stop_state::running;
    case stop_state::reading: return from == stop_state::asked;
    case stop_state::draining: return from == stop_state::reading;
    case stop_state::cutting: return from == stop_state::reading || from == stop_state::draining;
    case stop_state::closing: return from == stop_state::draining || from == stop_state::cutting;
    case stop_state::settling: return from == stop_state::closing;
    case stop_state::noting: return from == stop_state::settling;
    case stop_state::left: return from == stop_state::settling || from == stop_state::noting;
  }
  return false;
}

}  // namespace

/// The only way from state to state.
void stop_machine::enter(stop_state to, time_point now) noexcept {
  VIBES_ASSERT(may_follow(state_, to));
  state_ = to;
  since_ = now;
}

void stop_machine::ask(time_point now) noexcept {
  if (state_ == stop_state::starting) enter(stop_state::asked_early, now);
  if (state_ == stop_state::running) enter(stop_state::asked, now);
}

void stop_machine::skip_drain(time_point now) noexcept {
  drain_until_ = std::min(drain_until_, now);
}

void stop_machine::tell(stop_event event, time_point now) noexcept {
  switch (event) {
    case stop_event::started:
      enter(state_ == stop_state::asked_early ? stop_state::asked : stop_state::running, now);
      break;
    case stop_event::memory_out:
      if (std::exchange(out_of_memory_, true)) break;
      limits_.drain = {};
      ask(now);
      skip_drain(now);
      break;
    case stop_event::producers_read: heard_.producers_read = true; break;
    case stop_event::link_attempt_failed: heard_.link_attempt_failed = true; break;
    case stop_event::link_stopped: heard_.link_stopped = true; break;
    case stop_event::dead_letters_hang: hangs_ = true; break;
    case stop_event::noted: heard_.noted = true; break;
  }
}

signal_reaction stop_machine::tell_signal(int signal, time_point now) noexcept {
  const signal_reaction reaction = reaction_to(signal, surroundings_, is_asked());
  if (reaction == signal_reaction::begin_stop) ask(now);
  if (reaction == signal_reaction::skip_drain) skip_drain(now);
  return reaction;
}

std::vector<stop_action> stop_machine::next(const stop_view& seen, time_point now) {
  switch (state_) {
    case stop_state::starting:
    case stop_state::asked_early:
    case stop_state::running:
    case stop_state::left: break;
    case stop_state::asked:
      drain_until_ = now + limits_.drain;
      enter(stop_state::reading, now);
      // Half a line of each producer may be what has filled the memory.
      return out_of_memory_ ? actions{begin, drop_producers, accept_no_more}
                            : actions{begin, accept_no_more};
    case stop_state::reading: return read_on(now);
    case stop_state::draining: return drain_on(seen, now);
    case stop_state::cutting: return cut_on(now);
    case stop_state::closing: return close_on(seen, now);
    case stop_state::settling:
      // A disk that does not answer any more is left alone.
      if (seen.can_note && journal_answered_) {
        enter(stop_state::noting, now);
        return {write_note};
      }
      enter(stop_state::left, now);
      return {leave};
    case stop_state::noting: return note_on(now);
  }
  return wait_until(time_point::max());
}

stop_machine::actions stop_machine::wait_until(time_point at) {
  wake_at_ = at;
  return {};
}

stop_machine::actions stop_machine::cut(time_point now) {
  enter(stop_state::cutting, now);
  return {cut_links};
}

stop_machine::actions stop_machine::read_on(time_point now) {
  if (now >= drain_until_) return cut(now);
  if (!heard_.producers_read) return wait_until(drain_until_);
  heard_.link_attempt_failed = false;
  drained_at_ = now;
  enter(stop_state::draining, now);
  return {drain_links};
}

stop_machine::actions stop_machine::drain_on(const stop_view& seen, time_point now) {
  if (heard_.link_stopped) {
    enter(stop_state::closing, now);
    return {close_journal};
  }
  if (now >= drain_until_) return cut(now);
  const bool iggy_is_away = heard_.link_attempt_failed && seen.link_backs_off;
  if (iggy_is_away && seen.all_on_disk && !seen.nothing_queued) {
    enter(stop_state::cutting, now);
    return {say_not_worth_it, cut_links};
  }
  const time_point empty_until = since_ + limits_.link_close;
  if (seen.nothing_queued && now >= empty_until) return cut(now);
  const time_point retry_at = drained_at_ + drain_retry_period;
  if (now >= retry_at) {
    drained_at_ = now;
    return {drain_links};
  }
  const time_point earliest = std::min(drain_until_, retry_at);
  return wait_until(seen.nothing_queued ? std::min(earliest, empty_until) : earliest);
}

stop_machine::actions stop_machine::cut_on(time_point now) {
  const time_point until = since_ + limits_.link_close;
  if (!heard_.link_stopped && now < until) return wait_until(until);
  hangs_ = hangs_ || !heard_.link_stopped;
  enter(stop_state::closing, now);
  return {close_journal};
}

stop_machine::actions stop_machine::close_on(const stop_view& seen, time_point now) {
  const time_point until = since_ + limits_.journal_close;
  if (!seen.journal_closed && now < until) return wait_until(until);
  journal_answered_ = seen.journal_closed && seen.disk_answers;
  hangs_ = hangs_ || !journal_answered_;
  enter(stop_state::settling, now);
  return {settle};
}

stop_machine::actions stop_machine::note_on(time_point now) {
  const time_point until = since_ + limits_.run_note;
  if (!heard_.noted && now < until) return wait_until(until);
  hangs_ = hangs_ || !heard_.noted;
  enter(stop_state::left, now);
  return heard_.noted ? actions{leave} : actions{say_note_hangs, leave};
}

}  // namespace vibes::app
