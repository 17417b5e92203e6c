#include "tests/unit/store/scheduler_simulation.hpp"

// How a daemon's lives begin and end in scheduler_simulation, and what one leaves to the next.

namespace vibes::test {

void scheduler_simulation::start() {
  ++life_;
  next_line_ = 1;
  by_line_.clear();
  newest_life_.clear();
  newest_.clear();
  store::outbox_limits limits;
  limits.queue = rules.queue;
  limits.batch = {5, 1 << 20, 5ms};
  limits.admission = {rules.policy, 2s, 1s};
  store::scheduler_settings scheduler;
  scheduler.journal = rules.journal;
  scheduler.job_bytes_max = 1'000;
  // As the wall clock does: more than any number that was given out before.
  scheduler.sequences_from = std::uint64_t{life_} * 100'000'000;
  limits.journal = scheduler;
  reports = std::make_unique<report_oracle>();
  box = std::make_unique<store::outbox>(limits, *reports, now);
  journal_ = std::make_unique<journal::journal>(disk, rules.journal, 7);
  worker_ = std::make_unique<journal::journal_worker>(*journal_, 100ms);
  identity_ = std::make_unique<link::producer_identity>(1'000 + life_);
  promise(take_job(), "the journal is to be opened first");
  do_job();
  const bool is_late = !box->journal().health().is_healthy();
  before_.late_starts += is_late ? 1 : 0;
  was_late_ = was_late_ || is_late;
  if (!is_late) check_takeover();
  left_on_disk_.reset();
  left_sent_.clear();
  disk_has_failed_ = is_late;
  check();
}

/// In a life whose disk has failed, numbers may be missed that the journal never had.
void scheduler_simulation::note_open_numbers() {
  open_numbers_.reset();
  if (disk_has_failed_) return;
  open_numbers_ = box->journal().spilled().events();
  box->queue().for_each([this](const store::entry& each) { open_numbers_->add(each.sequence); });
  if (box->journal().status().recovery)
    open_numbers_->unite(box->journal().status().recovery->lost);
}

/// What the server has of the batches that came back without an answer.
void scheduler_simulation::note_left_sent() {
  const store::journal_scheduler& scheduler = box->journal();
  if (was_late_ || scheduler.space().is_full() || !scheduler.health().is_healthy()) return;
  box->queue().for_each_returned([this](const store::batch& each) {
    if (!was_stored(each)) return;
    for (const store::entry* of : each.entries) left_sent_.add(of->sequence);
  });
}

/// A life begins with what the last one left behind, when that said so. And nothing counts as lost
/// that had been settled, whenever the last one ended, unless that was a power failure.
void scheduler_simulation::check_takeover() {
  if (box->journal().status().recovery->read_errors > 0) return;
  const std::uint64_t recovered = box->journal().status().counters.recovered_events;
  if (left_on_disk_) {
    promise(recovered == *left_on_disk_, "a start finds " + std::to_string(recovered) + " of " +
                                             std::to_string(*left_on_disk_) + " events left");
    before_.left_on_disk += recovered;
  }
  for (const journal::sequence_range& each : left_sent_.ranges()) {
    for (store::sequence_number sequence = each.first; sequence <= each.last; ++sequence) {
      promise(!box->journal().droppable(sequence),
              "what Iggy may have can be dropped after a stop");
      ++before_.left_sent;
    }
  }
  if (!open_numbers_) return;
  journal::sequence_set missed = box->journal().status().recovery->lost;
  missed.subtract(*open_numbers_);
  promise(missed.empty(), "what was settled counts as lost");
}

void scheduler_simulation::end_life() {
  for (store::batch& each : sends_) box->returned(std::move(each));
  sends_.clear();
  if (up_) box->link_down(now);
  up_ = false;
  job_.reset();
  unreported_losses_ += losses_without_name();
  before_ = happened();
  box.reset();
  worker_.reset();
  journal_.reset();
}

void scheduler_simulation::kill() {
  note_promises();
  note_open_numbers();
  end_life();
  disk.process_ends();
}

void scheduler_simulation::kill_in_job(std::uint64_t changing_calls) {
  const bool had_failed = disk_has_failed_;
  disk.stop_after(changing_calls);
  if (job_) do_job();
  disk_has_failed_ = had_failed;
  kill();
}

void scheduler_simulation::lose_power(std::mt19937_64& random) {
  note_promises();
  open_numbers_.reset();
  end_life();
  disk.crash(random);
}

store::left_behind scheduler_simulation::stop() {
  if (up_) link_down();
  if (job_) do_job();
  for (int i = 0; i < 1'000 && !box->journal_flushed(); ++i) {
    if (take_job(true)) do_job();
    pass(10ms);
  }
  note_open_numbers();
  note_left_sent();
  const store::left_behind left = box->give_up_rest();
  note_promises();
  promise(sums_up(*box), "the ledger's sum after a stop");
  if (box->journal().health().is_healthy()) left_on_disk_ = left.events_on_disk;
  end_life();
  disk.process_ends();
  return left;
}

}  // namespace vibes::test
