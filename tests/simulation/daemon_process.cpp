#include "tests/simulation/daemon_process.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include "tests/simulation/producer.hpp"

namespace vibes::simulation {
namespace {

using app::stop_action;
using app::stop_event;

// A journal that has failed wants to be opened again at once, also by a stop, which does not do it.
constexpr auto closing_pause = 5ms;

}  // namespace

std::optional<store::batch> watched_work::next_batch(time_point now, store::link_demand demand) {
  std::optional<store::batch> next = audited_.next_batch(now, demand);
  if (next) says_.sent(*next);
  return next;
}

bool watched_work::record(store::batch& wanted) {
  if (audited_.record(wanted)) return true;
  says_.unrecorded(wanted);
  return false;
}

void watched_work::committed(store::batch&& done, time_point now) {
  says_.committed(done);
  audited_.committed(std::move(done), now);
}

store::outbox_limits daemon_process::limits_of(const surroundings& of) {
  store::outbox_limits limits = of.options.outbox;
  if (limits.journal) limits.journal->sequences_from = of.clock.now_us();
  return limits;
}

daemon_process::daemon_process(const surroundings& of)
    : simulation_(of),
      outbox_(limits_of(of), registry_, of.on.now()),
      work_(outbox_, of.says),
      ids_(of.on.random()()),
      intake_{outbox_,
              registry_,
              counters_,
              scanner_,
              ids_,
              {of.options.line_bytes_max, 8 << 10, false, "0.1.0"},
              32 << 10,
              10s,
              [this] {
                links_.wake();
                wake_journal();
              },
              [](const io::refused_line&) {}},
      of_sessions_{of.on, of.says, intake_, [this] { return simulation_.clock.now_us(); },
                   [this] { see_whether_all_is_read(); }},
      journal_timer_(of.on, step_kind::clock, [this] { wake_journal(); }),
      links_(of.on, of.iggy, of.options.link, work_,
             {[this](link::link_event event) {
                if (event == link::link_event::attempt_failed) {
                  tell_stop(stop_event::link_attempt_failed);
                }
              },
              [this] {
                wake_journal();
                if (stop_) stop_timer_.set(simulation_.on.now());
              },
              [this] { tell_stop(stop_event::link_stopped); }}),
      stop_timer_(of.on, step_kind::clock, [this] { go_on_stopping(); }) {
  if (of.options.server.nodes > 1) work_.may_have_branches();
  outbox_.on_refusal([this](const store::entry& event, const protocol::error_code&) {
    simulation_.says.refused(event);
  });
  if (!of.options.has_journal) {
    begin_service();
    return;
  }
  journal_.emplace(
      of.on, of.disk, of.disk_times, of.options.outbox.journal->journal, of.on.random()() | 1,
      [this] { return simulation_.clock.now_us(); },
      journal_host::callbacks{
          [this](journal::journal_outcome&& done) { take_outcome(std::move(done)); },
          [this](result<journal::backlog_events>&&) { peeking_ = false; }});
  wake_journal();
}

daemon_process::~daemon_process() {
  simulation_.producers.listen(producer::socket, nullptr);
}

void daemon_process::begin_service() {
  accepting_ = true;
  simulation_.producers.listen(producer::socket, this);
  links_.start();
  wake_journal();
}

void daemon_process::wake_journal() {
  if (!journal_ || dead_) return;
  if (auto job = outbox_.next_journal_job(simulation_.on.now(), closing_journal_)) {
    simulation_.says.job_begins();
    journal_->submit(std::move(*job));
  }
  time_point wake = outbox_.journal_wake_at().value_or(time_point::max());
  // A journal that has failed is not opened again by a stop, which is watched anyway.
  if (closing_journal_) wake = std::max(wake, simulation_.on.now() + closing_pause);
  journal_timer_.set(wake);
}

void daemon_process::take_outcome(journal::journal_outcome&& outcome) {
  const bool was_opening = outbox_.journal().health().state() == store::journal_state::opening;
  const bool synced =
      simulation_.options.outbox.journal->journal.sync == journal::sync_policy::every_group;
  if (!outcome.unasked) simulation_.says.job_ended(outcome, synced);
  outbox_.journal_done(std::move(outcome), simulation_.on.now());
  const store::journal_scheduler& scheduler = outbox_.journal();
  intake_.dialogue.durable_available = scheduler.health().offers_durable();
  if (was_opening && scheduler.health().state() != store::journal_state::opening) {
    late_ = !scheduler.health().is_healthy();
    if (!late_) simulation_.says.opened(outbox_);
    return begin_service();
  }
  if (!accepting_ && !stop_) return;
  wake_journal();
  links_.wake();
  if (stop_) stop_timer_.set(simulation_.on.now());
}

end_listener* daemon_process::accepts(const std::shared_ptr<connection>& over) {
  if (!accepting_) return nullptr;
  std::erase_if(sessions_, [](const auto& each) { return each->closed(); });
  sessions_.push_back(std::make_unique<session_host>(of_sessions_, over));
  return sessions_.back().get();
}

void daemon_process::peek(const journal::journal_job::read_request& wanted) {
  if (!journal_ || peeking_ || !accepting_) return;
  peeking_ = true;
  journal::journal_job job;
  job.peek = wanted;
  journal_->submit(std::move(job));
}

void daemon_process::kill(std::uint64_t calls_in_job, bool power_lost) {
  dead_ = true;
  if (journal_) journal_->die_in_job(calls_in_job);
  simulation_.says.life_ended(outbox_, power_lost, !journal_ || !journal_->is_missing_releases());
}

void daemon_process::begin_stop(duration drain) {
  if (!stop_) {
    app::stop_limits limits;
    limits.drain = drain;
    stop_.emplace(limits, signal_surroundings{});
    stop_->tell(stop_event::started, simulation_.on.now());
  }
  stop_->tell_signal(SIGTERM, simulation_.on.now());
  stop_timer_.set(simulation_.on.now());
}

void daemon_process::tell_stop(stop_event event) {
  if (!stop_ || ended_) return;
  stop_->tell(event, simulation_.on.now());
  stop_timer_.set(simulation_.on.now());
}

void daemon_process::see_whether_all_is_read() {
  const bool reads = std::ranges::any_of(
      sessions_, [](const auto& each) { return each->reading() && !each->closed(); });
  if (!accepting_ && !reads) tell_stop(stop_event::producers_read);
}

app::stop_view daemon_process::view_of_stop() {
  app::stop_view seen;
  seen.link_backs_off = links_.report().state == link::link_state::backing_off;
  seen.all_on_disk = outbox_.journal_has_all();
  seen.nothing_queued = outbox_.empty();
  seen.journal_closed = closing_journal_ && (!journal_ || outbox_.journal_flushed());
  return seen;
}

void daemon_process::go_on_stopping() {
  while (!ended_) {
    const std::vector<stop_action> due = stop_->next(view_of_stop(), simulation_.on.now());
    if (due.empty()) return stop_timer_.set(stop_->wake_at());
    for (const stop_action each : due) perform(each);
  }
}

void daemon_process::perform(stop_action what) {
  switch (what) {
    case stop_action::begin: break;
    case stop_action::drop_producers:
      for (const auto& each : sessions_) each->close();
      break;
    case stop_action::accept_no_more: stop_accepting(); break;
    case stop_action::drain_links: links_.stop(true); break;
    case stop_action::say_not_worth_it: break;
    case stop_action::cut_links: links_.stop(false); break;
    case stop_action::close_journal:
      closing_journal_ = true;
      wake_journal();
      break;
    case stop_action::settle: settle(); break;
    case stop_action::write_note:
    case stop_action::say_note_hangs: break;
    case stop_action::leave: ended_ = dead_ = true; break;
  }
}

void daemon_process::stop_accepting() {
  accepting_ = false;
  simulation_.producers.listen(producer::socket, nullptr);
  for (const auto& each : sessions_) each->stop_reading();
  see_whether_all_is_read();
}

void daemon_process::settle() {
  // Behind a late start a full journal counts some of what it has as lost.
  const bool well = journal_ && !late_ && outbox_.journal_flushed() && !stop_->hangs() &&
                    outbox_.journal().health().is_healthy() &&
                    outbox_.journal().space().usage().unwritten_releases == 0;
  const store::left_behind left = outbox_.give_up_rest();
  simulation_.says.check(outbox_);
  for (const auto& each : sessions_) each->close();
  if (journal_) journal_->end();
  simulation_.says.life_ended(outbox_, false, true);
  simulation_.says.stopped(left, well);
}

}  // namespace vibes::simulation
