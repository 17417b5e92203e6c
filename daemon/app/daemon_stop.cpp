#include <utility>

#include "daemon/app/daemon.hpp"
#include "daemon/base/failpoint.hpp"
#include "daemon/base/log.hpp"
#include "daemon/base/memory_reserve.hpp"

// The part of the daemon that ends it. What comes when is decided in stop_machine.

namespace vibes::app {
namespace {

constexpr auto note_wait = std::chrono::seconds(1);
constexpr auto stop_check_period = std::chrono::milliseconds(5);
/// A link that is backing off tries again this often: its own pause may be as long as the drain.
constexpr auto drain_retry_period = std::chrono::milliseconds(250);

time_point now() {
  return std::chrono::steady_clock::now();
}

std::string milliseconds_text(duration of) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(of).count());
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
  const std::string name(signal_name(signal));
  switch (reaction_to(signal, surroundings_, stop_asked_)) {
    case signal_reaction::begin_stop:
      stop_asked_ = true;
      log(log_level::notice, name + ": ending");
      if (running_) begin_stop(std::chrono::milliseconds(settings_.stop.drain_ms));
      break;
    case signal_reaction::skip_drain:
      log(log_level::notice, "second signal: not waiting for the queue to drain");
      if (stop_) stop_->skip_drain(now());
      break;
    case signal_reaction::say_ignored:
      log(log_level::notice, name + " is ignored: the settings are read at a start only");
      break;
    case signal_reaction::none: break;
  }
}

/// The reserve is all that is left: enough for what a stop writes, not for going on.
void daemon::watch_memory() {
  if (out_of_memory_ || !memory_is_out()) return;
  out_of_memory_ = true;
  log(log_level::critical, "out of memory: ending, without waiting for Iggy");
  stop_asked_ = true;
  if (stop_) return stop_->skip_drain(now());
  begin_stop(duration::zero());
}

void daemon::begin_stop(duration drain) {
  failpoint(failpoint_name::stop_before);
  stop_limits limits;
  limits.drain = drain;
  stop_.emplace(limits, now());
  const std::string queued = std::to_string(outbox_.queued_events());
  log(log_level::notice, "stopping: " + queued + " events queued, up to " +
                             milliseconds_text(drain) + " ms to drain them");
  service_.stopping("draining " + queued + " events");
  service_.extend_timeout(limits.total() + note_wait + std::chrono::seconds(1));
  // Half a line of each producer may be what has filled the memory.
  if (out_of_memory_) listener_.close_all();
  listener_.stop_accepting(events_inherited_ || out_of_memory_);
  watch_stop();
}

stop_view daemon::view_of_stop() {
  stop_view seen;
  seen.producers_read = listener_.quiet();
  seen.link_stopped = link_stopped_;
  // A round through all addresses has failed, and the next one has not begun.
  seen.iggy_away =
      attempt_failed_in_stop_ && links_.report().state == link::link_state::backing_off;
  seen.all_on_disk = outbox_.journal_has_all();
  seen.nothing_queued = outbox_.empty();
  seen.journal_closed = stop_->step() == stop_step::closing && journal_is_closed();
  return seen;
}

void daemon::watch_stop() {
  advance_stop();
  if (stop_->step() == stop_step::done) return;
  stop_timer_.expires_after(stop_check_period);
  stop_timer_.async_wait([this](const error_code& error) {
    if (!error) watch_stop();
  });
}

void daemon::advance_stop() {
  const stop_step before = stop_->step();
  const stop_step step = stop_->advance(view_of_stop(), now());
  const bool entered = step != before;
  switch (step) {
    case stop_step::reading: links_.wake(); break;
    case stop_step::draining:
      if (entered) attempt_failed_in_stop_ = false;
      drain_links();
      break;
    case stop_step::cutting:
      if (entered && stop_->ended_early()) {
        log(log_level::notice,
            "Iggy is away and everything is in the journal: not waiting any longer");
      }
      if (entered) links_.stop(false);
      break;
    case stop_step::closing:
      if (!journal_) break;
      if (entered) journal_->close();
      journal_->wake();
      break;
    case stop_step::done:
      if (entered) finish_stop();
      break;
  }
}

/// Each time a link that is backing off tries once more at once.
void daemon::drain_links() {
  if (now() - drained_at_ >= drain_retry_period) {
    drained_at_ = now();
    links_.stop(true);
  }
  links_.wake();
}

void daemon::finish_stop() {
  failpoint(failpoint_name::drain_after);
  const bool disk_answers = journal_is_closed() && !(journal_ && journal_->peek_hangs());
  left_behind_ = outbox_.give_up_rest();
  left_behind_.disk_answers = disk_answers;
  hangs_ = !disk_answers || stop_->link_hangs();
  listener_.close_all();
  if (dead_letters_) {
    const std::optional<std::uint64_t> lost =
        dead_letters_->finish(stop_limits().dead_letter_close);
    if (!lost) {
      hangs_ = true;
      log(log_level::error, "the dead letter file's disk does not answer: the last may be missing");
    } else if (*lost > 0) {
      log(log_level::error, std::to_string(*lost) + " dead letters could not be written");
    }
  }
  // What is left has been counted: nobody is told a sum that holds it twice. The file goes, too,
  // however the process is left.
  admin_.reset();
  events_file_ = io::unix_listener();
  second_timer_.cancel();
  stop_timer_.cancel();
  const bool is_open = outbox_.journal().state() == store::journal_state::healthy;
  if (journal_ && disk_answers && is_open) {
    note_end();
  } else {
    leave();
  }
}

/// The next run's `previous_run`. A disk that does not answer any more is left alone.
void daemon::note_end() {
  journal_->note(admin::encode_run(summary(true)), [this](const error_code& error) {
    if (error) log(log_level::warning, "the journal has no note of this run: " + error.message());
    leave();
  });
  stop_timer_.expires_after(note_wait);
  stop_timer_.async_wait([this](const error_code& cancelled) {
    if (cancelled) return;
    log(log_level::error, "the journal's disk does not answer: it may have no note of this run");
    hangs_ = true;
    leave();
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
