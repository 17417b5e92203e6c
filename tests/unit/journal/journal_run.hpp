#pragma once

#include <array>
#include <cerrno>

#include "daemon/journal/journal_errc.hpp"
#include "tests/unit/journal/journal_model.hpp"

namespace vibes::test {

enum class run_action : std::uint8_t {
  push,
  push_again,
  batch,
  release,
  sync,
  compare,
  crash,
  kill,
  resize,
  fault,
  stop,
  fill_disk
};
inline constexpr std::size_t run_action_count = 12;

/// What random runs have met.
struct run_totals {
  std::uint64_t moved = 0;
  std::size_t failures = 0;
  std::size_t refusals = 0;
  std::size_t batches = 0;
  std::size_t came_back = 0;
  std::size_t stops = 0;           // in the middle of an operation
  std::size_t stopped_starts = 0;  // in the middle of a recovery

  run_totals& operator+=(const run_totals& more) {
    moved += more.moved;
    failures += more.failures;
    refusals += more.refusals;
    batches += more.batches;
    came_back += more.came_back;
    stops += more.stops;
    stopped_starts += more.stopped_starts;
    return *this;
  }
};

/// Random actions on a journal and its model side by side, on a disk that fails. Limits are small,
/// so that segments end, room runs out and events are moved all the time; what is likely differs
/// from seed to seed.
class journal_run {
 public:
  explicit journal_run(std::uint64_t seed) : random_(seed), model_(seed) {
    for (double& each : weights_) each = 1 + static_cast<double>(below(20));
    weight(run_action::push) += 40;
    weight(run_action::release) += 30;
    weight(run_action::sync) += 10;
    weight(run_action::crash) = 0.5;
    weight(run_action::kill) = 0.5;
    weight(run_action::resize) = 0.1;
    weight(run_action::compare) = 0.5;
    weight(run_action::fault) = below(3) == 0 ? 0 : 0.5;
    weight(run_action::stop) = 0.5;
    weight(run_action::fill_disk) = below(3) == 0 ? 0.3 : 0;
    partitions_ = 1 + below(6);
    stuck_ = below(2 * partitions_);
    choose_limits();
    if (below(4) == 0) disk_.set_write_max(1 + below(200));
    make_journal();
    demand(journal_->open().has_value(), "a new directory");
  }

  void step() {
    std::discrete_distribution<std::size_t> pick(weights_.begin(), weights_.end());
    switch (static_cast<run_action>(pick(random_))) {
      case run_action::push: push(); break;
      case run_action::push_again: push_again(); break;
      case run_action::batch: write_batch(); break;
      case run_action::release: release(); break;
      case run_action::sync: sync(); break;
      case run_action::compare: model_.compare(*journal_); break;
      case run_action::crash: restart(true); break;
      case run_action::kill: restart(false); break;
      case run_action::resize: resize(); break;
      case run_action::fault: break_a_call(); break;
      case run_action::stop: disk_.stop_after(below(30)); break;
      case run_action::fill_disk: fill_disk(); break;
    }
    if (!journal_->is_open()) mend();
    const journal::journal_usage usage = journal_->usage();
    demand(usage.bytes == disk_.total_bytes(), "the journal's idea of its size");
    demand(usage.bytes <= usage.bytes_cap, "the byte cap");
  }

  run_totals totals() const {
    run_totals all = met_;
    all.moved += journal_->usage().moved_events;
    all.batches = model_.batches_found();
    all.came_back = model_.came_back();
    return all;
  }

 private:
  double& weight(run_action of) { return weights_[static_cast<std::size_t>(of)]; }
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

  void choose_limits() {
    limits_.segment_bytes = 400 + below(3'000);
    limits_.bytes_max = 24 * limits_.segment_bytes + below(40'000);
    limits_.reserve_bytes = 6 * limits_.segment_bytes;
  }

  void make_journal() { journal_.emplace(disk_, limits_, writer); }

  /// Hands events over, oldest first; whether the journal took them.
  bool append(const std::vector<std::uint64_t>& sequences) {
    journal::record_group group;
    std::vector<std::string> payloads;
    for (const std::uint64_t each : sequences) {
      payloads.push_back(model_.payload_of(each));
      group.add(event_of(each, payloads.back()));
    }
    const error_code error = journal_->append(std::move(group), wall_clock_us);
    if (!error) {
      for (const std::uint64_t each : sequences) model_.stored(each, each);
      return true;
    }
    if (error == journal::journal_errc::no_room) {
      ++met_.refusals;
      for (const std::uint64_t each : sequences) {
        if (!journal_->unstored().contains(each)) model_.stored(each, each);
      }
    }
    return false;
  }

  void push() {
    std::vector<std::uint64_t> made;
    for (std::size_t i = 1 + below(8); i > 0; --i) made.push_back(model_.push());
    append(made);
  }

  /// Everything the queue has once more, as after a failure: what is stored is not stored twice.
  void push_again() {
    std::vector<std::uint64_t> all;
    for (const auto& [sequence, salt] : model_.events()) {
      if (!model_.is_stored(sequence)) all.push_back(sequence);
      if (all.size() == 20) break;
    }
    if (!all.empty()) append(all);
  }

  /// Some of the oldest stored events of a partition.
  std::vector<std::uint64_t> oldest_of(std::size_t partition, std::size_t count) {
    std::vector<std::uint64_t> found;
    for (const auto& [sequence, salt] : model_.events()) {
      if (found.size() == count) break;
      if (sequence % partitions_ == partition && model_.is_stored(sequence)) {
        found.push_back(sequence);
      }
    }
    return found;
  }

  void write_batch() {
    const std::vector<std::uint64_t> events = oldest_of(below(partitions_), 1 + below(6));
    if (events.empty()) return;
    journal::recorded_batch batch = batch_of({});
    for (const std::uint64_t each : events) batch.events.add(each);
    batch.base_sequence = random_();
    batch.dissolved = below(10) == 0;
    journal::record_group group;
    group.add(batch);
    // Failing in the middle, it may have been written nevertheless.
    const error_code error = journal_->append(std::move(group), wall_clock_us);
    if (error != journal::journal_errc::no_room && error != journal::journal_errc::not_open) {
      model_.batch_written(batch, !error);
    }
  }

  void release() {
    const std::size_t partition = below(partitions_);
    if (partition == stuck_ && below(100) > 0) return;
    const std::size_t count = 1 + below(12);
    journal::sequence_set settled;
    for (const auto& [sequence, salt] : model_.events()) {
      if (settled.count() == count) break;
      if (sequence % partitions_ == partition) settled.add(sequence);
    }
    // A stuck partition may not fill everything for ever.
    if (partition == stuck_ || settled.empty()) return release_from_stuck();
    model_.released(settled);
    static_cast<void>(journal_->release(settled, wall_clock_us));
  }

  void release_from_stuck() {
    if (model_.events().size() < 400) return;
    journal::sequence_set settled;
    for (const auto& [sequence, salt] : model_.events()) {
      if (settled.count() == 300) break;
      settled.add(sequence);
    }
    model_.released(settled);
    static_cast<void>(journal_->release(settled, wall_clock_us));
  }

  void sync() {
    if (journal_->sync(wall_clock_us)) return;
    model_.synced(journal_->usage().unwritten_releases == 0);
  }

  /// The daemon ends; with a crash, the machine does too.
  void restart(bool crash) {
    const bool was_open = journal_->is_open();
    const bool has_releases = !journal_->usage().is_missing_releases;
    const std::uint64_t through = journal_->durable_through();
    met_.moved += journal_->usage().moved_events;
    disk_.no_faults();
    disk_.set_capacity(~std::uint64_t{0});
    end(crash);
    while (below(4) == 0 && !start_that_is_stopped()) {
      const bool crash_again = below(2) == 0;
      crash = crash || crash_again;
      end(crash_again);
    }
    if (journal_->is_open()) end(false);
    const auto report = journal_->open();
    demand(report.has_value(), "opening again");
    demand(report->malformed_records == 0 && report->foreign_segments == 0 &&
               report->duplicate_segments == 0 && report->renamed_segments == 0,
           "a journal of our own looks like another's");
    if (!crash && was_open) {
      demand(report->damaged_bytes <= damaged_bytes_ && report->tail_bytes == 0,
             "damage without a crash");
    }
    damaged_bytes_ = report->damaged_bytes;
    model_.restarted(*journal_, report->lost, through, !crash && has_releases);
    // What a new process finds is not all on firm ground before it has written something itself.
    if (below(3) == 0) disk_.stop_after(below(5));
  }

  /// The process ends, maybe with the machine, and there is a new one.
  void end(bool crash) {
    journal_.reset();
    demand(disk_.open_files() == 0, "files left open");
    crash ? disk_.crash(random_) : disk_.process_ends();
    make_journal();
  }

  /// Whether it got to its end before it was stopped.
  bool start_that_is_stopped() {
    disk_.stop_after(below(5));
    const bool opened = journal_->open().has_value();
    if (!opened) ++met_.stopped_starts;
    return opened;
  }

  void resize() {
    choose_limits();
    restart(below(2) == 0);
  }

  void break_a_call() {
    constexpr std::array errors = {EIO, ENOSPC, EROFS, EDQUOT};
    constexpr std::array calls = {fake_file_system::call::changing, fake_file_system::call::write,
                                  fake_file_system::call::sync};
    disk_.fail_call(calls[below(calls.size())], below(6), errors[below(errors.size())]);
  }

  void fill_disk() { disk_.set_capacity(disk_.total_bytes() + below(3'000)); }

  /// After a failure: open again, and hand over what the queue has.
  void mend() {
    ++met_.failures;
    model_.journal_failed();
    if (disk_.has_stopped()) {
      ++met_.stops;
      return restart(below(2) == 0);
    }
    const std::uint64_t through = journal_->durable_through();
    if (below(8) == 0) return restart(below(2) == 0);
    if (below(2) == 0) release();
    if (const auto opened = journal_->open(); !opened) {
      if (disk_.has_stopped()) return mend();
      disk_.no_faults();
      disk_.set_capacity(~std::uint64_t{0});
      demand(journal_->open().has_value(), "opening again after a failure");
    }
    model_.reopened(*journal_, through);
    std::vector<std::uint64_t> all;
    for (const auto& [sequence, salt] : model_.events()) all.push_back(sequence);
    if (!all.empty()) append(all);
    if (!journal_->is_open()) {
      disk_.set_capacity(~std::uint64_t{0});
      disk_.no_faults();
      mend();
    }
  }

  std::mt19937_64 random_;
  fake_file_system disk_;
  journal::journal_limits limits_;
  std::optional<journal::journal> journal_;
  journal_model model_;
  std::array<double, run_action_count> weights_{};
  std::size_t partitions_ = 1;
  std::size_t stuck_ = 0;
  std::uint64_t damaged_bytes_ = 0;
  run_totals met_;  // but for what the journal and the model count
};

}  // namespace vibes::test
