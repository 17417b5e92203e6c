#pragma once

#include "daemon/store/batch_recorder.hpp"
#include "daemon/store/batcher.hpp"
#include "daemon/store/disk_space.hpp"
#include "daemon/store/job_in_flight.hpp"
#include "daemon/store/journal_health.hpp"
#include "daemon/store/release_queue.hpp"
#include "daemon/store/spill.hpp"

namespace vibes::store {

struct scheduler_settings {
  journal::journal_limits journal;      // those that the journal has
  std::size_t job_bytes_max = 4 << 20;  // of records in one job; one larger event goes alone
  duration release_wait = std::chrono::milliseconds(50);  // releases alone wait for company
  duration full_wait = std::chrono::seconds(1);           // before a full journal is tried again
  duration hung_after = std::chrono::seconds(1);          // a job that takes longer is trouble
  duration reopen_min = std::chrono::seconds(1);
  duration reopen_max = std::chrono::seconds(60);
  duration read_wait = std::chrono::seconds(1);  // between attempts to read from a failed disk
  /// Where the numbers of events begin when the first opening fails: above all that the directory
  /// may hold. Microseconds since the Unix epoch are.
  sequence_number sequences_from = 1;
};

struct scheduler_counters {
  std::uint64_t recovered_events = 0;  // found at the start, those that could not be read included
  std::uint64_t failures = 0;
  std::uint64_t jobs = 0;
  std::uint64_t written_bytes = 0;     // of events and batches, by jobs without an error
  std::uint64_t spilled_events = 0;    // that memory had no room for
  std::uint64_t read_back_events = 0;  // from the disk
  std::uint64_t recorded_batches = 0;
};

/// What the scheduler tells of its past.
struct scheduler_status {
  scheduler_counters counters;
  std::uint64_t durable_through = 0;
  std::optional<journal::recovery_report> recovery;  // of the last opening
};

/// What a stop leaves of the events that the journal was to keep.
struct scheduler_rest {
  std::uint64_t events_on_disk = 0;      // would be found by the next process
  journal::sequence_set unwritten_tail;  // never got to the disk
};

/// Stands between the queue in memory and the journal, which lives in another thread: makes jobs
/// of what there is to do, one at a time, so that what comes meanwhile is done by the next one
/// together; takes outcomes; holds the part of the backlog that is on disk only, and brings it back
/// when memory has room.
///
/// What Iggy commits before the journal gets to it is never written. No trouble of the disk stops
/// the queue: memory goes on, and all of it is written again when the disk is back.
///
/// Loop thread only; no I/O, no clock.
class journal_scheduler {
 public:
  /// Without settings it is off, for good. The queue must outlive it.
  journal_scheduler(replay_queue&, std::optional<scheduler_settings>, spill_limits);

  const journal_health& health() const noexcept { return health_; }
  const spill& spilled() const noexcept { return spill_; }
  const scheduler_status& status() const noexcept { return status_; }
  /// What is dropped to make room on disk is noted there.
  disk_space& space() noexcept { return space_; }
  const disk_space& space() const noexcept { return space_; }

  // Admission.
  enum class spill_verdict : std::uint8_t {
    takes,
    busy,           // there will be room in a moment: the journal is at work
    full,           // the directory is, or there is none
    too_many_wait,  // for the commit of events on disk: dropping others would not help
  };
  /// `must_report`: the event is of no use without its producer hearing of it later.
  spill_verdict would_take(std::size_t payload_size, bool must_report, time_point now) const;
  /// After `takes`. Nothing has changed when it throws std::bad_alloc.
  sequence_number add_to_spill(const new_event&);
  /// What the next job would need of what was refused for lack of room, in bytes of the disk; 0
  /// when nothing was, or a job is out.
  std::uint64_t refused_bytes() const noexcept;
  /// Whether the disk does what it should, so that room there is made by segments.
  bool disk_answers(time_point now) const noexcept;
  /// Takes the oldest events of the tail out that were never sent. They are settled.
  journal::sequence_set drop_from_spill(std::uint64_t events);
  /// The same of these events only, because an operator wants that: it is on disk soon.
  journal::sequence_set drop_from_spill(const journal::sequence_set& among, std::uint64_t events);
  /// Whether an event of the tail may be dropped: it was never sent.
  bool droppable(sequence_number sequence) const noexcept { return !sent_.contains(sequence); }
  ack_waiter take_producer(sequence_number sequence) { return spill_.take_producer(sequence); }

  /// Nothing more is wanted of these events. Linear in the ranges among which they are: to be
  /// called once for all that end together.
  void settle(const journal::sequence_set& ended);
  /// Memory may have room: brings the front of the tail there as far as that is not on disk.
  void refill(time_point now);

  // Batches that must not be sent before they are written (docs/journal-format.md, "Kind 2").
  /// Takes the batch until it is written, or says false: then it goes unrecorded.
  bool record(batch&);
  /// For the link, which takes those that are ready, and for its end, which puts all of them back.
  batch_recorder& batches() noexcept { return batches_; }

  // The journal's side.
  /// The next job, when there is one and none is out. `closing`: everything that can be is
  /// written, and synced.
  std::optional<journal::journal_job> next_job(time_point now, bool closing = false);
  /// When next_job will have something by the passing of time alone.
  std::optional<time_point> wake_at() const;
  struct effects {
    journal::sequence_set lost;           // could not be read; settled, and no longer in the tail
    std::uint64_t lost_before_start = 0;  // by an earlier process
    bool opened = false;
  };
  effects take(journal::journal_outcome&&, time_point now);
  /// The directory must not be touched: there is no journal then.
  void give_up(const error_code& why);

  /// Nothing is left that the journal could still be given; after a closing job.
  bool is_flushed() noexcept;
  /// Every event that is queued is written, and the disk has said so.
  bool has_all_events() noexcept;
  /// Forgets the tail; after is_flushed.
  scheduler_rest give_up_spill();

 private:
  // journal_scheduler.cpp
  bool memory_has_room() const noexcept;
  void take_out(const journal::sequence_set& dropped);
  journal::sequence_set move_to_memory(protocol::const_bytes records, sequence_number end,
                                       bool recorded, time_point now);

  // journal_scheduler_room.cpp
  std::uint64_t room_bytes() const noexcept;
  std::uint64_t bytes_to_come() const noexcept;
  std::uint64_t unrecorded_bytes(std::uint64_t enough) const noexcept;
  std::uint64_t pending_bytes() const noexcept;

  // journal_scheduler_jobs.cpp
  void add_records(journal::journal_job&);
  void add_batches(journal::journal_job&);
  void mark_returned(journal::journal_job&);
  void add_read(journal::journal_job&) const;
  void give_work(journal::journal_job&, time_point now, bool closing);
  void end_job(const journal::journal_outcome&);
  void fail(const error_code&, time_point now);
  void note_full(const journal::journal_outcome&, time_point now);
  void release_unwritten();
  void end_batches(bool written);
  void take_page(const journal::backlog_events&, effects&, time_point now);
  void lose(const journal::sequence_set&, effects&);

  // journal_scheduler_takeover.cpp
  void adopt(journal::journal_outcome&, effects&, time_point now);
  void adopt_first(journal::journal_outcome&, effects&, time_point now);

  replay_queue& queue_;
  scheduler_settings settings_;
  journal_health health_;
  spill spill_;
  journal::sequence_set sent_;  // of the tail: in batches that an earlier process sent
  disk_space space_;
  release_queue releases_;
  batch_recorder batches_;
  job_in_flight job_;

  bool was_open_ = false;
  sequence_number late_from_ = 0;  // the first number given out before the first opening worked
  time_point read_at_;
  std::size_t wanted_payload_ = 0;  // of the tail's front, when it found no room
  bool marked_returned_ = false;    // by a closing job
  scheduler_status status_;
};

}  // namespace vibes::store
