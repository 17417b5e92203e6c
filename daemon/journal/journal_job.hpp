#pragma once

#include "daemon/base/time.hpp"
#include "daemon/journal/journal.hpp"

namespace vibes::journal {

/// Work for the journal, as one value to be moved to its thread. Its parts are done in this order;
/// parts that are empty cost nothing.
struct journal_job {
  bool open = false;     // open, or open again after a failure
  sequence_set settled;  // releases
  record_group records;  // events in ascending order, and batches
  /// What later jobs are to append, and older events were dropped for.
  std::uint64_t bytes_to_come = 0;
  bool sync = false;  // whatever the policy: a batch that must not be forgotten
  struct read_request {
    std::uint64_t from = 1;
    read_limits limits;
  };
  std::optional<read_request> read;
  /// A page for somebody who only looks. Such a job does nothing else.
  std::optional<read_request> peek;
  /// What this run says of itself to the next one. Such a job does nothing else.
  std::optional<std::string> note;
};

/// What became of a job.
struct journal_outcome {
  error_code write_error;  // of open, records or sync; no_room among them
  bool is_open = false;    // false after an error other than no_room: nothing is taken until an
                           // `open` succeeds, but releases are remembered
  std::uint64_t durable_through = 0;         // 0 under a policy that makes nothing durable
  std::optional<recovery_report> recovered;  // of an open that succeeded
  std::uint64_t next_sequence = 1;           // with `recovered`
  std::vector<open_batch> batches;           // with `recovered`
  sequence_set live;                         // with `recovered`: all that is there
  std::uint64_t oldest_us = 0;              // with `recovered`: when the first of `live` was taken;
                                            // 0: not known
  std::optional<result<std::string>> note;  // with `recovered`: of the last run
  record_group unwritten;                   // with `write_error`: what of the records may not be
                                            // on the disk, for the caller to keep
  record_group used;                        // without `write_error`: the job's records, cleared;
                                            // filling their memory again spares page faults
  std::optional<result<backlog_events>> read;
  std::optional<result<backlog_events>> peeked;  // of a look; the outcome has nothing else
  std::optional<error_code> noted;               // of a note; the outcome has nothing else
  sequence_set lost;                             // could not be read while being moved
  bool unasked = false;  // of a sync that was due by time alone: not the outcome of a job
  journal_usage usage;
};

/// Does jobs on a journal, and syncs by its policy. The thread that owns it needs no other way to
/// the journal.
class journal_worker {
 public:
  journal_worker(journal& journal, duration sync_interval)
      : journal_(journal), sync_interval_(sync_interval) {}

  /// `created_us`: the wall clock, for the headers of segments.
  journal_outcome execute(journal_job&&, time_point now, std::uint64_t created_us);

  /// Under the policy `interval`: when to come with an empty job, so that what was written becomes
  /// durable; nothing when all is.
  std::optional<time_point> sync_at() const noexcept { return sync_at_; }

 private:
  error_code write(journal_job&, std::uint64_t created_us);
  std::uint64_t oldest_time_us();
  bool must_sync(const journal_job&, bool wrote, time_point now) noexcept;

  journal& journal_;
  duration sync_interval_;
  std::optional<time_point> sync_at_;
};

}  // namespace vibes::journal
