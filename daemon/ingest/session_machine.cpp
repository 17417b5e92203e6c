#include "daemon/ingest/session_machine.hpp"

#include <utility>

#include "daemon/base/assert.hpp"

// The states of a connection, and what the driver is to do in each. What happens to lines is in
// session_lines.cpp.

namespace vibes::ingest {

session_machine::session_machine(const session_shared& shared, event_sink& sink)
    : shared_(shared),
      sink_(sink),
      framer_(shared.dialogue.event_bytes_max),
      dialogue_(shared.dialogue, shared.scanner) {}

session_machine::~session_machine() {
  shared_.partial_line_bytes -= partial_bytes_counted_;
}

bool session_machine::is_allowed(state from, state to) noexcept {
  if (to == state::closing) return from < state::closing;
  switch (from) {
    case state::waiting_for_turn:
    case state::waiting_for_bytes: return to == state::reading || to == state::waiting_for_room;
    case state::waiting_for_room: return to == state::reading;
    case state::reading:
      return to == state::taking_lines || to == state::waiting_for_bytes ||
             to == state::answers_only;
    case state::taking_lines:
      return to == state::waiting_for_turn || to == state::event_waits || to == state::lingering;
    case state::event_waits: return to == state::taking_lines;
    case state::closing: return to == state::closed;
    case state::lingering:
    case state::answers_only:
    case state::closed: return false;
  }
  return false;
}

void session_machine::enter(state to) {
  VIBES_ASSERT(is_allowed(state_, to));
  state_ = to;
  wait_asked_for_ = false;
}

bool session_machine::is_allowed(answers from, answers to) noexcept {
  switch (from) {
    case answers::written: return to == answers::due;
    case answers::due: return to != answers::due;
    case answers::socket_full: return to == answers::written;
    case answers::cutting_off: return to == answers::ended;
    case answers::ended: return false;
  }
  return false;
}

void session_machine::enter(answers to) {
  VIBES_ASSERT(is_allowed(answers_, to));
  answers_ = to;
}

session_machine::action session_machine::next() {
  if (state_ == state::closed) return action::nothing;
  const action answer = next_of_answers();
  if (answer != action::nothing) return answer;
  // Before the driver waits or gives its turn away, but behind the answers.
  if (std::exchange(announce_, false)) return action::announce_events;
  return next_of_reading();
}

session_machine::action session_machine::next_of_answers() {
  switch (answers_) {
    case answers::written:
    case answers::ended: break;
    case answers::due:
      if (dialogue_.answering() && !output().empty()) return action::write;
      enter(answers::written);
      break;
    case answers::socket_full:
      enter(answers::written);
      if (state_ != state::closing) return action::wait_writable;
      break;
    case answers::cutting_off: enter(answers::ended); return action::shut_down;
  }
  return action::nothing;
}

session_machine::action session_machine::next_of_reading() {
  if (state_ == state::lingering && all_answered()) enter(state::closing);
  switch (state_) {
    case state::reading: return action::read;
    case state::closing: enter(state::closed); return action::close;
    case state::taking_lines:
    case state::answers_only:
    case state::closed: return action::nothing;
    default: break;
  }
  if (std::exchange(wait_asked_for_, true)) return action::nothing;
  switch (state_) {
    case state::waiting_for_turn: return action::give_turn;
    case state::waiting_for_bytes: return action::wait_readable;
    case state::lingering: return action::wait_until;
    default: return action::wait_for_room;
  }
}

void session_machine::on_readable(time_point now) {
  if (state_ == state::waiting_for_bytes) read_if_there_is_room(now);
}

void session_machine::on_turn(time_point now) {
  if (state_ == state::waiting_for_turn) read_if_there_is_room(now);
}

void session_machine::on_nothing_to_read() {
  waiting_since_.reset();
  enter(reading_stopped_ ? state::answers_only : state::waiting_for_bytes);
}

void session_machine::on_wake(time_point now) {
  wait_asked_for_ = false;
  if (state_ == state::event_waits) return offer_again(now);
  if (state_ == state::lingering && now >= wake_at_) return close();
  if (state_ != state::waiting_for_room) return;
  if (const auto until = sink_.no_room_until(now, *waiting_since_)) {
    wake_at_ = *until;
  } else {
    enter(state::reading);
  }
}

void session_machine::read_if_there_is_room(time_point now) {
  const auto until = sink_.no_room_until(now, now);
  if (!until) return enter(state::reading);
  waiting_since_ = now;
  wake_at_ = *until;
  enter(state::waiting_for_room);
}

void session_machine::on_answers_due() noexcept {
  if (answers_ == answers::written) enter(answers::due);
}

void session_machine::on_socket_full() {
  if (!dialogue_.answers_overflowed()) return enter(answers::socket_full);
  dialogue_.end_answers();
  enter(answers::cutting_off);
}

/// Whoever does not hear the answers may still have written lines, which were promised to be read.
void session_machine::on_write_failed() {
  dialogue_.end_answers();
  enter(answers::ended);
}

bool session_machine::all_answered() {
  return !dialogue_.answering() || (dialogue_.settled() && output().empty());
}

void session_machine::close() {
  if (state_ >= state::closing) return;
  enter(state::closing);
  on_answers_due();
}

}  // namespace vibes::ingest
