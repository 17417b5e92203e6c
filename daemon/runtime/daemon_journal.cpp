#include <algorithm>
#include <random>
#include <utility>

#include "daemon/base/log.hpp"
#include "daemon/control/journal_advice.hpp"
#include "daemon/queue/journal_errc.hpp"
#include "daemon/runtime/daemon.hpp"
#include "daemon/runtime/limits.hpp"
#include "daemon/runtime/wall_clock.hpp"

// The part of the daemon that has to do with the journal.

namespace vibes::runtime {
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
  journal_thread_options options;
  options.limits = journal_limits_of(settings_);
  options.policy = sync_policy_of(from.sync);
  options.sync_interval = std::chrono::milliseconds(from.sync_interval_ms);
  options.writer_id = fresh_writer_id();
  options.wall_clock_us = unix_time_us;
  journal_.emplace(loop_, outbox_, from.resolved_directory, options, [this] { on_journal_done(); });
  const error_code error = journal_->open([this] { return stop_asked_; });
  if (error == queue::journal_errc::locked) return error;
  const bool foreign =
      error == queue::journal_errc::newer_format || error == queue::journal_errc::older_format;
  if (foreign) outbox_.give_up_journal(error);
  watch_journal();
  return {};
}

void daemon::on_journal_done() {
  watch_journal();
  journal_->wake();
  links_.wake();
}

/// What changed is said at once, what goes on now and then.
void daemon::watch_journal() {
  const queue::journal_keeper& keeper = outbox_.journal();
  intake_.dialogue.durable_available = keeper.offers_durable();
  const bool changed = std::exchange(last_journal_state_, keeper.state()) != keeper.state();
  const bool full = keeper.is_full() && !std::exchange(journal_was_full_, keeper.is_full());
  journal_was_full_ = keeper.is_full();
  const bool troubled = keeper.state() == queue::journal_state::failed;
  if (!changed && !full && !(troubled && journal_limiter_.admit(now()))) return;
  const log_level level = control::journal_log_level(keeper);
  log(level, control::explain_journal(keeper, settings_.journal.resolved_directory));
}

/// Everything that can be is on disk. The link has stopped, so nothing more comes.
bool daemon::journal_is_closed() {
  return !journal_ || outbox_.journal_flushed();
}

}  // namespace vibes::runtime
