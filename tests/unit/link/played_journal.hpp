#pragma once

#include "daemon/journal/journal_job.hpp"
#include "daemon/store/outbox.hpp"
#include "tests/unit/journal/fake_file_system.hpp"

namespace vibes::test {

inline constexpr journal::journal_limits small_journal{1 << 20, 64 << 10, 8 << 10};

/// A journal on a disk in memory, and the test in the place of the thread that does its jobs. The
/// outbox has the journal in its limits, and outlives this.
class played_journal {
 public:
  played_journal(store::outbox& box, const time_point& now) : box_(box), now_(now) { work(); }

  bool takes_job() {
    job_ = box_.next_journal_job(now_);
    return job_.has_value();
  }
  bool job_is_out() const { return job_.has_value(); }
  void ends_job() {
    box_.journal_done(worker_.execute(*std::exchange(job_, std::nullopt), now_, 1), now_);
  }
  void work() {
    while (takes_job()) ends_job();
  }

  fake_file_system disk;

 private:
  store::outbox& box_;
  const time_point& now_;
  journal::journal journal_{disk, small_journal, 7};
  journal::journal_worker worker_{journal_, std::chrono::milliseconds(100)};
  std::optional<journal::journal_job> job_;
};

}  // namespace vibes::test
