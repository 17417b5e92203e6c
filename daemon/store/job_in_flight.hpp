#pragma once

#include <utility>

#include "daemon/journal/journal_job.hpp"

namespace vibes::store {

/// The one job that the journal may be at, and the memory of an earlier job's records: filling that
/// again spares page faults.
///
/// No I/O, no clock.
class job_in_flight {
 public:
  bool is_out() const noexcept { return is_out_; }
  /// The journal takes longer than it should.
  bool hangs(time_point now, duration hung_after) const noexcept {
    return is_out_ && now - since_ >= hung_after;
  }
  /// Of records in the job that is out.
  std::size_t bytes() const noexcept { return bytes_; }
  /// The job that is out, or was the last one, is a stop's.
  bool is_closing() const noexcept { return is_closing_; }

  void begins(const journal::journal_job& job, bool closing, time_point now) noexcept {
    is_out_ = true;
    is_closing_ = closing;
    is_attempt_ = job.open;
    since_ = now;
    bytes_ = job.records.size_bytes();
  }
  /// Gives the bytes of records that it had.
  std::size_t ends() noexcept {
    is_out_ = false;
    return std::exchange(bytes_, 0);
  }
  /// Whether the last job was an attempt to open the journal. Told once.
  bool take_attempt() noexcept { return std::exchange(is_attempt_, false); }

  journal::record_group take_spare() noexcept { return std::move(spare_); }
  /// Without records.
  void keep_spare(journal::record_group&& spare) noexcept { spare_ = std::move(spare); }

 private:
  bool is_out_ = false;
  bool is_closing_ = false;
  bool is_attempt_ = false;
  time_point since_;
  std::size_t bytes_ = 0;
  journal::record_group spare_;
};

}  // namespace vibes::store
