#include "tests/simulation/journal_host.hpp"

#include <utility>

namespace vibes::simulation {

journal_host::journal_host(scheduler& on, test::fake_file_system& disk, const disk_rules& rules,
                           journal::journal_limits limits, std::uint64_t writer_id,
                           std::function<std::uint64_t()> wall_us, callbacks to)
    : scheduler_(on),
      disk_(disk),
      rules_(rules),
      wall_us_(std::move(wall_us)),
      callbacks_(std::move(to)),
      journal_(disk, limits, writer_id),
      worker_(journal_, 100ms),
      sync_timer_(on, step_kind::disk, [this] { sync(); }) {}

void journal_host::submit(journal::journal_job&& job) {
  waiting_.push_back(std::move(job));
  if (!running_) begin_next();
}

void journal_host::begin_next() {
  if (waiting_.empty()) return arm_sync();
  running_ = std::move(waiting_.front());
  waiting_.pop_front();
  const time_point done = scheduler_.now() + scheduler_.between(rules_.job_min, rules_.job_max);
  scheduler_.at(done, step_kind::disk, alive_, [this] { finish(); });
}

void journal_host::finish() {
  if (scheduler_.now() < rules_.hangs_until) {
    return scheduler_.at(rules_.hangs_until, step_kind::disk, alive_, [this] { finish(); });
  }
  journal::journal_job job = std::move(*running_);
  running_.reset();
  tell(worker_.execute(std::move(job), scheduler_.now(), wall_us_()));
  begin_next();
}

void journal_host::arm_sync() {
  if (const auto at = worker_.sync_at()) sync_timer_.set(*at);
}

void journal_host::sync() {
  if (running_ || !worker_.sync_at()) return;
  if (*worker_.sync_at() > scheduler_.now()) return arm_sync();
  journal::journal_outcome outcome = worker_.execute({}, scheduler_.now(), wall_us_());
  outcome.unasked = true;
  tell(std::move(outcome));
  arm_sync();
}

/// Outcomes come to the loop in order, each in a step of its own.
void journal_host::tell(journal::journal_outcome&& outcome) {
  scheduler_.note(disk_.calls());
  told_.push_back(std::move(outcome));
  scheduler_.after(10us, step_kind::disk, alive_, [this] {
    journal::journal_outcome next = std::move(told_.front());
    told_.pop_front();
    if (next.peeked) return callbacks_.peeked(std::move(*next.peeked));
    callbacks_.outcome(std::move(next));
  });
}

void journal_host::end() {
  if (running_) worker_.execute(std::move(*running_), scheduler_.now(), wall_us_());
  running_.reset();
  for (journal::journal_job& each : waiting_) {
    worker_.execute(std::move(each), scheduler_.now(), wall_us_());
  }
  waiting_.clear();
  if (!journal_.is_open()) return;
  journal::journal_job last;
  last.sync = true;
  worker_.execute(std::move(last), scheduler_.now(), wall_us_());
}

void journal_host::die_in_job(std::uint64_t changing_calls) {
  if (!running_) return;
  disk_.stop_after(changing_calls);
  worker_.execute(std::move(*running_), scheduler_.now(), wall_us_());
  running_.reset();
}

}  // namespace vibes::simulation
