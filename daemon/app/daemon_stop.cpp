#include <utility>

#include "daemon/app/daemon.hpp"
#include "daemon/app/run_lines.hpp"
#include "daemon/base/failpoint.hpp"
#include "daemon/base/memory_reserve.hpp"

// The part of the daemon that ends it. What comes when is decided in stop_machine.

namespace vibes::app {
namespace {

time_point now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

void daemon::wait_for_signal() {
  signals_.async_wait([this](const error_code& error, int signal) {
    if (error) return;
    on_signal(signal);
    wait_for_signal();
  });
}

void daemon::on_signal(int signal) {
  const signal_reaction reaction = stop_.tell_signal(signal, now());
  if (const auto line = signal_line(signal, reaction)) log(*line);
  go_on_stopping();
}

/// The reserve is all that is left: enough for what a stop writes, not for going on.
void daemon::watch_memory() {
  if (stop_.ran_out_of_memory() || !memory_is_out()) return;
  log(memory_out_line());
  stop_.tell(stop_event::memory_out, now());
  go_on_stopping();
}

void daemon::tell_stop(stop_event event) {
  stop_.tell(event, now());
  go_on_stopping_at(now());
}

stop_view daemon::view_of_stop() {
  stop_view seen;
  seen.link_backs_off = links_.report().state == link::link_state::backing_off;
  seen.all_on_disk = outbox_.journal_has_all();
  seen.nothing_queued = outbox_.empty();
  seen.journal_closed = !journal_ || outbox_.journal_flushed();
  seen.disk_answers = !journal_ || !journal_->peek_hangs();
  seen.can_note = journal_ && outbox_.journal().health().is_healthy();
  return seen;
}

void daemon::go_on_stopping() {
  if (!stop_.is_under_way()) return;
  std::vector<stop_action> due = stop_.next(view_of_stop(), now());
  for (; !due.empty(); due = stop_.next(view_of_stop(), now())) {
    for (const stop_action each : due) perform(each);
  }
  go_on_stopping_at(stop_.wake_at());
}

/// From the loop, not from here: what tells of an event may be in the middle of its work.
void daemon::go_on_stopping_at(time_point at) {
  if (!stop_.is_under_way() || stop_.state() == stop_state::left) return;
  stop_timer_.expires_at(at);
  stop_timer_.async_wait([this](const error_code& error) {
    if (!error) go_on_stopping();
  });
}

void daemon::perform(stop_action action) {
  switch (action) {
    case stop_action::begin: begin_stop(); break;
    case stop_action::drop_producers: producers_.close_all(); break;
    case stop_action::accept_no_more:
      producers_.stop_accepting(stop_.ran_out_of_memory(),
                                [this] { tell_stop(stop_event::producers_read); });
      break;
    case stop_action::drain_links: links_.stop(true); break;
    case stop_action::say_not_worth_it: log(not_worth_the_wait_line()); break;
    case stop_action::cut_links: links_.stop(false); break;
    case stop_action::close_journal:
      if (!journal_) break;
      journal_->close();
      journal_->wake();
      break;
    case stop_action::settle: settle(); break;
    case stop_action::write_note: note_end(); break;
    case stop_action::say_note_hangs: log(note_hangs_line()); break;
    case stop_action::leave: leave(); break;
  }
}

void daemon::begin_stop() {
  failpoint(failpoint_name::stop_before);
  const std::uint64_t queued = outbox_.queued_events();
  log(stopping_line(queued, stop_.limits().drain));
  service_.stopping("draining " + std::to_string(queued) + " events");
  service_.extend_timeout(stop_.limits().total() + std::chrono::seconds(1));
}

void daemon::settle() {
  failpoint(failpoint_name::drain_after);
  left_behind_ = outbox_.give_up_rest();
  left_behind_.disk_answers = stop_.journal_answered();
  producers_.close_all();
  if (dead_letters_) {
    const std::optional<std::uint64_t> lost =
        dead_letters_->finish(stop_.limits().dead_letter_close);
    if (!lost) stop_.tell(stop_event::dead_letters_hang, now());
    if (const auto line = dead_letters_end_line(lost)) log(*line);
  }
  // What is left has been counted: nobody is told a sum that holds it twice. The file goes, too,
  // however the process is left.
  admin_.reset();
  producers_.remove_file();
  second_timer_.cancel();
}

/// The next run's `previous_run`.
void daemon::note_end() {
  journal_->note(admin::encode_run(summary(true)), [this](const error_code& error) {
    if (const auto line = reporter::run_noted(error)) log(*line);
    tell_stop(stop_event::noted);
  });
}

void daemon::leave() {
  signals_.cancel();
  watchdog_timer_.cancel();
  stop_timer_.cancel();
  loop_.stop();
  failpoint(failpoint_name::stop_after);
}

}  // namespace vibes::app
