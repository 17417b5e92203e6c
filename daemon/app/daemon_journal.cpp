#include <algorithm>
#include <random>
#include <utility>

#include "daemon/app/daemon.hpp"
#include "daemon/app/limits.hpp"
#include "daemon/io/process/wall_clock.hpp"
#include "daemon/journal/journal_errc.hpp"

// The part of the daemon that has to do with the journal.

namespace vibes::app {
namespace {

time_point now() {
  return std::chrono::steady_clock::now();
}

/// For a new directory: any number but 0.
std::uint64_t fresh_writer_id() {
  std::random_device device;
  return std::max<std::uint64_t>(1, (std::uint64_t{device()} << 32) | device());
}

}  // namespace

error_code daemon::open_journal() {
  const config::journal_settings& from = settings_.journal;
  if (from.resolved_directory.empty()) return {};
  io::journal_thread_options options;
  options.limits = journal_limits_of(settings_);
  options.sync_interval = std::chrono::milliseconds(from.sync_interval_ms);
  options.writer_id = fresh_writer_id();
  options.wall_clock_us = io::unix_time_us;
  journal_.emplace(loop_, outbox_, from.resolved_directory, options, [this] { on_journal_done(); });
  journal_->on_last_note([this](result<std::string>&& note) { take_last_note(note); });
  const error_code error = journal_->open([this] { return stop_asked(); });
  if (error == journal::journal_errc::locked) return error;
  const bool foreign =
      error == journal::journal_errc::newer_format || error == journal::journal_errc::older_format;
  if (foreign) outbox_.give_up_journal(error);
  watch_journal();
  return {};
}

void daemon::on_journal_done() {
  watch_journal();
  journal_->wake();
  links_.wake();
  go_on_stopping_at(now());
}

void daemon::watch_journal() {
  const store::journal_scheduler& scheduler = outbox_.journal();
  intake_.shared.dialogue.durable_available = scheduler.health().offers_durable();
  if (const auto line = reporter_.journal(scheduler, now())) log(*line);
}

void daemon::take_last_note(const result<std::string>& note) {
  if (note && !note->empty()) previous_run_ = admin::decode_run(*note);
  if (const auto line = reporter_.last_note(note, previous_run_)) log(*line);
  if (const auto line = reporter::moved_backlog(previous_run_, summary(false))) log(*line);
  note_run();
}

admin::run_summary daemon::summary(bool clean) const {
  const std::uint64_t left = clean ? left_behind_.events_on_disk : outbox_.queued_events();
  return {io::unix_time_us(),  clean, left, outbox_.losses(), settings_.iggy.stream,
          settings_.iggy.topic};
}

void daemon::note_run() {
  const bool can_be = journal_ && outbox_.journal().health().is_healthy();
  if (!can_be || journal_->is_noting()) return;
  journal_->note(admin::encode_run(summary(false)), [](const error_code& error) {
    if (const auto line = reporter::run_noted(error)) log(*line);
  });
}

}  // namespace vibes::app
