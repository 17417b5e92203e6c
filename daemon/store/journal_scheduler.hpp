#pragma once

#include "daemon/journal/journal_job.hpp"
#include "daemon/store/batcher.hpp"
#include "daemon/store/spill.hpp"

namespace vibes::store {

enum class journal_state : std::uint8_t {
  off,      // there is no directory, or one that must not be touched
  opening,  // the first attempt is not over: nothing may be admitted yet
  healthy,
  failed,  // the disk does not do what it should: opened again, with a growing pause
};

std::string_view to_string(journal_state) noexcept;

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

  journal_state state() const noexcept { return state_; }
  const spill& spilled() const noexcept { return spill_; }
  bool offers_durable() const noexcept {
    return state_ == journal_state::healthy &&
           settings_.journal.sync == journal::sync_policy::every_group;
  }

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
  /// Whether a new event may take the place of those that were dropped for newer ones: the journal
  /// lends it room until their segments have gone (docs/journal-format.md, "Space").
  bool has_place_of_dropped(std::size_t payload_size) const noexcept;
  /// An event of memory was dropped for a newer one.
  void note_dropped(const entry&) noexcept;
  /// What the next job would need of what was refused for lack of room, in bytes of the disk; 0
  /// when nothing was, or a job is out.
  std::uint64_t refused_bytes() const noexcept;
  std::uint64_t dropped_bytes() const noexcept { return dropped_bytes_; }
  /// The next job tries again: as much as that was dropped.
  void try_again() noexcept;
  /// How many events a segment of the journal holds: so many have to go before there is room, when
  /// the journal has none to lend.
  std::uint64_t events_in_a_segment() const noexcept;
  /// Whether the disk does what it should, so that room there is made by segments.
  bool disk_answers(time_point now) const noexcept;
  /// Events were settled to make room on disk, and that is not done yet.
  bool makes_room() const noexcept { return jobs_done_ < room_after_job_; }
  void make_room() noexcept;
  /// Takes the oldest events of the tail out that were never sent. They are settled.
  journal::sequence_set drop_from_spill(std::uint64_t events);
  /// The same of these events only, because an operator wants that: it is on disk soon.
  journal::sequence_set drop_from_spill(const journal::sequence_set& among, std::uint64_t events);
  /// Whether an event of the tail may be dropped: it was never sent.
  bool droppable(sequence_number sequence) const noexcept { return !sent_.contains(sequence); }
  spill::waiting_producer take_producer(sequence_number sequence) {
    return spill_.take_producer(sequence);
  }

  /// Nothing more is wanted of these events. Linear in the ranges among which they are: to be
  /// called once for all that end together.
  void settle(const journal::sequence_set& ended);
  /// Memory may have room: brings the front of the tail there as far as that is not on disk.
  void refill(time_point now);

  // Batches that must not be sent before they are written (docs/journal-format.md, "Kind 2").
  /// Takes the batch until it is written, or says false: then it goes unrecorded.
  bool record(batch&);
  std::optional<batch> take_recorded(const lane_choice&);
  /// All of them go back to the queue.
  void put_back_batches();

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
  /// What is on disk and would be found by the next process; after is_flushed.
  std::uint64_t events_on_disk() const noexcept;
  /// Forgets the tail, and says what of it never got to the disk.
  journal::sequence_set give_up_spill();

  std::uint64_t durable_through() const noexcept { return durable_through_; }
  const journal::journal_usage& usage() const noexcept { return usage_; }
  const error_code& last_error() const noexcept { return last_error_; }
  std::optional<time_point> last_error_at() const noexcept { return last_error_at_; }
  const std::optional<journal::recovery_report>& recovery() const noexcept { return recovery_; }
  const scheduler_counters& counters() const noexcept { return counters_; }
  bool is_full() const noexcept { return full_; }

 private:
  // journal_scheduler.cpp
  bool memory_has_room() const noexcept;
  void take_out(const journal::sequence_set& dropped);
  journal::sequence_set pending_in_spill() const;
  journal::sequence_set move_to_memory(protocol::const_bytes records, sequence_number end,
                                       bool recorded, time_point now);

  // journal_scheduler_room.cpp
  std::uint64_t free_bytes() const noexcept;
  std::uint64_t room_bytes() const noexcept;
  std::size_t records_bytes_max() const noexcept;
  std::uint64_t bytes_to_come() const noexcept;
  std::uint64_t unrecorded_bytes(std::uint64_t enough) const noexcept;
  std::uint64_t pending_bytes() const noexcept;
  std::uint64_t bytes_of_an_event() const noexcept;

  // journal_scheduler_jobs.cpp
  void add_records(journal::journal_job&);
  void add_batches(journal::journal_job&);
  void mark_returned(journal::journal_job&);
  void add_read(journal::journal_job&) const;
  bool releases_are_due(time_point now) const noexcept;
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
  journal_state state_;
  spill spill_;
  journal::sequence_set sent_;  // of the tail: in batches that an earlier process sent

  journal::sequence_set settled_;    // and not given to the journal yet
  std::uint64_t dropped_bytes_ = 0;  // on disk, about: their place was not taken yet
  std::optional<time_point> settled_since_;
  bool settle_now_ = false;
  std::vector<batch> unrecorded_batches_;
  std::vector<batch> batches_out_;  // in the job that is out
  std::vector<batch> ready_batches_;

  bool job_out_ = false;
  time_point job_since_;
  std::size_t job_bytes_ = 0;
  journal::record_group spare_;  // empty, with the memory of an earlier job
  bool job_opens_ = false;
  bool job_closes_ = false;
  std::uint64_t jobs_done_ = 0;
  std::uint64_t room_after_job_ = 0;

  bool was_open_ = false;
  sequence_number late_from_ = 0;  // the first number given out before the first opening worked
  time_point open_at_;
  duration reopen_wait_{};
  time_point read_at_;
  std::size_t wanted_payload_ = 0;  // of the tail's front, when it found no room

  bool full_ = false;
  bool closing_found_no_room_ = false;  // nothing will change that any more
  bool marked_returned_ = false;        // by a closing job
  time_point full_until_;
  journal::journal_usage full_usage_;

  std::uint64_t durable_through_ = 0;
  journal::journal_usage usage_;
  error_code last_error_;
  std::optional<time_point> last_error_at_;
  std::optional<journal::recovery_report> recovery_;
  scheduler_counters counters_;
};

}  // namespace vibes::store
