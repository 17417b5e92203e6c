#include "daemon/ingest/session_machine.hpp"

// What a session machine makes of the lines that it reads.

namespace vibes::ingest {

void session_machine::on_bytes(std::string_view bytes, time_point now) {
  enter(state::taking_lines);
  framer_.feed(bytes);
  take_lines(now);
}

void session_machine::on_end_of_input(time_point now) {
  input_ended_ = true;
  enter(state::taking_lines);
  take_lines(now);
}

void session_machine::take_lines(time_point now) {
  while (const auto line = input_ended_ ? framer_.finish() : framer_.next()) {
    take_line(*line, now);
    if (state_ != state::taking_lines) return;
  }
  end_of_lines(now);
}

void session_machine::take_line(const framed_line& line, time_point now) {
  const producer_dialogue::verdict verdict = dialogue_.on_line(line);
  if (const auto* event = std::get_if<producer_dialogue::event>(&verdict)) {
    const ack_level told_at = dialogue_.answering() ? dialogue_.level() : ack_level::silent;
    const event_sink::answer answer =
        sink_.offer(*event, told_at, now, waiting_since_.value_or(now));
    if (answer.what == event_sink::verdict::wait) {
      wait_with(event->line, now, answer.ask_again_at);
    } else {
      settle(answer, event->line);
    }
  } else if (const auto* refused = std::get_if<producer_dialogue::refused>(&verdict)) {
    sink_.line_refused(line, refused->line, refused->code);
  } else if (const auto* bad = std::get_if<producer_dialogue::hang_up>(&verdict)) {
    sink_.line_refused(line, 0, bad->code);
    close();
  }
}

void session_machine::settle(const event_sink::answer& answer, std::uint64_t line) {
  waiting_since_.reset();
  if (answer.what == event_sink::verdict::accepted) {
    dialogue_.received(line);
  } else {
    dialogue_.lost(line, answer.code);
  }
}

/// The driver's buffer serves all connections: what was not taken of it is copied before a wait.
void session_machine::wait_with(std::uint64_t line, time_point now, time_point ask_again_at) {
  std::string rest(framer_.unread());
  unread_.swap(rest);
  framer_.rebase(unread_);
  waiting_line_ = line;
  wake_at_ = ask_again_at;
  if (!waiting_since_) waiting_since_ = now;
  announce_ = true;
  on_answers_due();
  enter(state::event_waits);
}

void session_machine::offer_again(time_point now) {
  const event_sink::answer answer = sink_.offer_again(now, *waiting_since_);
  if (answer.what == event_sink::verdict::wait) {
    wake_at_ = answer.ask_again_at;
    return;
  }
  enter(state::taking_lines);
  settle(answer, waiting_line_);
  take_lines(now);
}

void session_machine::end_of_lines(time_point now) {
  unread_ = {};
  bound_partial_line();
  announce_ = true;
  on_answers_due();
  if (!input_ended_) return enter(state::waiting_for_turn);
  wake_at_ = now + shared_.answer_wait;
  enter(state::lingering);
}

void session_machine::bound_partial_line() {
  std::uint64_t& total = shared_.partial_line_bytes;
  const std::uint64_t of_others = total - partial_bytes_counted_;
  if (of_others + framer_.partial_bytes() > shared_.partial_lines_bytes_max) {
    framer_.give_up_line();
  }
  partial_bytes_counted_ = framer_.partial_bytes();
  total = of_others + partial_bytes_counted_;
}

}  // namespace vibes::ingest
