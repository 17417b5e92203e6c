#pragma once

#include <deque>

#include "daemon/journal/journal_job.hpp"
#include "daemon/store/outbox.hpp"
#include "tests/simulation/scheduler.hpp"
#include "tests/unit/journal/fake_file_system.hpp"

namespace vibes::simulation {

/// How long the disk takes, at the moment.
struct disk_rules {
  duration job_min = 100us;
  duration job_max = 5ms;
  time_point hangs_until;
};

/// The journal's thread on simulated time: one job after another, each done at the end of its time,
/// its outcome told a little later. The journal is the real one.
class journal_host {
 public:
  struct callbacks {
    std::function<void(journal::journal_outcome&&)> outcome;  // of the outbox's jobs
    std::function<void(result<journal::backlog_events>&&)> peeked;
  };
  journal_host(scheduler&, test::fake_file_system&, const disk_rules&, journal::journal_limits,
               std::uint64_t writer_id, std::function<std::uint64_t()> wall_us, callbacks);

  void submit(journal::journal_job&&);
  bool busy() const { return running_.has_value() || !waiting_.empty(); }
  /// The end of a process in order: what was submitted is done, and all of it synced.
  void end();
  /// The process dies now, in the middle of the job that is out or not: so many of its calls still
  /// reach the disk.
  void die_in_job(std::uint64_t changing_calls);
  /// Its last resort was used, also in a job whose outcome nobody has heard: what was settled
  /// counts as lost at the next start (docs/journal-format.md, "Space").
  bool is_missing_releases() const { return journal_.usage().is_missing_releases; }

 private:
  void begin_next();
  void finish();
  void arm_sync();
  void sync();
  void tell(journal::journal_outcome&&);

  scheduler& scheduler_;
  test::fake_file_system& disk_;
  const disk_rules& rules_;
  std::function<std::uint64_t()> wall_us_;
  callbacks callbacks_;
  journal::journal journal_;
  journal::journal_worker worker_;
  std::deque<journal::journal_job> waiting_;
  std::optional<journal::journal_job> running_;
  std::deque<journal::journal_outcome> told_;
  timer sync_timer_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace vibes::simulation
