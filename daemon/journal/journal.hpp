#pragma once

#include "daemon/journal/backlog_reader.hpp"
#include "daemon/journal/journal_recovery.hpp"
#include "daemon/journal/segment_writer.hpp"

namespace vibes::journal {

/// When what was written is made durable: after each job, some time later, or by the system alone.
enum class sync_policy : std::uint8_t { every_group, interval, never };

struct journal_limits {
  std::uint64_t bytes_max = 1 << 30;            // of all segments together
  std::uint64_t segment_bytes = 16 << 20;       // of records, after which a segment is full
  std::uint64_t reserve_bytes = 64 << 20;       // of bytes_max, not for events
  sync_policy sync = sync_policy::every_group;  // never: sync() only says that it did
};
/// Segment size and reserve as docs/journal-format.md, "Space" has them.
journal_limits journal_limits_for(std::uint64_t bytes_max,
                                  sync_policy = sync_policy::every_group) noexcept;

struct journal_usage {
  std::uint64_t bytes = 0;
  std::uint64_t bytes_cap = 0;   // bytes_max, or more while what was found is more
  std::uint64_t live_bytes = 0;  // an estimate
  std::uint64_t live_events = 0;
  std::uint64_t segments = 0;
  std::uint64_t moved_events = 0;        // since the start
  std::uint64_t unwritten_releases = 0;  // events whose release waits for room, or for the disk
  bool is_missing_releases = false;  // of events whose segment had to go first: after a kill now
                                     // they would count as lost
};

/// Events that were settled, as far as the next process does not know of that for certain.
struct unfinished_releases {
  sequence_set unwritten;
  sequence_set unsynced;
  bool is_missing = false;  // of events whose segment had to go first
};

/// The replay queue's memory on disk: appends events and batches, settles them, reads them back.
/// Synchronous, one thread, no clock. Nothing here throws away an event: what finds no room is
/// refused, and what cannot be read is reported as lost.
///
///   closed --open--> open --any write or sync error--> failed --open--> open
///
/// In the state `failed`, release() is remembered and read() goes on; everything else is not_open.
class journal {
 public:
  /// The file system must outlive it. `writer_id`, not 0, names the directory when it is new.
  journal(file_system&, journal_limits, std::uint64_t writer_id);

  /// Locks the directory, the first time, and recovers it; also after a failure. Errors: locked,
  /// newer_format, older_format, the disk's; the state is then as before.
  result<recovery_report> open();
  bool is_open() const noexcept { return state_ == state::open; }
  sync_policy policy() const noexcept { return limits_.sync; }

  /// Appends events in ascending order, and batches. Events that are here already, beyond doubt,
  /// are skipped: after a failure the caller appends again all it has. no_room: some of the group
  /// was not appended; the caller may append it again later, whole.
  error_code append(record_group&&, std::uint64_t now_us);

  /// These sequences are settled, whether they were appended or not. When the disk does not take it
  /// now, it is written later; until then a crash brings those events back.
  error_code release(const sequence_set&, std::uint64_t now_us);

  /// So much is about to be appended: a cap that was lowered leaves room for it.
  void expect_bytes(std::uint64_t bytes) noexcept { expected_bytes_ = bytes; }

  /// What was appended and released before is durable then (but see journal_limits::sync).
  /// Also removes segments that nobody needs, and moves the last events out of almost empty ones.
  error_code sync(std::uint64_t now_us);

  result<backlog_events> read(std::uint64_t from, read_limits);
  /// Reads and changes nothing: what cannot be read now stays live.
  result<backlog_events> peek(std::uint64_t from, read_limits limits) {
    return peeks_.peek(from, limits);
  }

  /// What a run of the daemon says of itself to the next one (run_note.hpp). The caller's text; not
  /// while the journal is not open.
  error_code write_note(std::string_view text);
  result<std::string> read_note();

  /// Every event up to this sequence that was handed over is durable or settled: also those that
  /// were refused, or came while the journal was not open. Never goes back.
  std::uint64_t durable_through() const noexcept { return durable_through_; }
  /// Events that were handed over and are not on the disk beyond doubt: to be appended again.
  const sequence_set& unstored() const noexcept { return unstored_; }
  /// One more than the highest sequence that was ever appended or released.
  std::uint64_t next_sequence() const noexcept { return next_sequence_; }
  const std::vector<open_batch>& batches() const noexcept { return batches_.all(); }
  sequence_set live() const { return segments_.live(); }
  journal_usage usage() const noexcept;
  /// Events that could not be read when they had to be moved, once.
  sequence_set take_lost() noexcept { return std::exchange(lost_, {}); }

 private:
  enum class state : std::uint8_t { closed, open, failed };

  void adopt(recovered_journal&&);
  void skip_stored(record_group&) const;
  error_code refuse(const record_group&, error_code);

  // Writing (journal_writing.cpp). `limit_bytes` is what the directory may hold afterwards.
  error_code roll(std::uint64_t limit_bytes, std::uint64_t now_us);
  byte_vector beginning(std::uint64_t segment_id, std::uint64_t now_us) const;
  error_code write_group(record_group&, std::uint64_t limit_bytes, std::uint64_t now_us);
  error_code write_records(std::span<std::byte>);
  void note_written(const_bytes records, std::uint64_t offset);
  void note_live(const sequence_set& events);
  error_code write_releases(std::uint64_t now_us);
  bool syncs_files() const noexcept { return limits_.sync != sync_policy::never; }
  error_code sync_files();
  error_code fail(error_code);
  bool is_full(std::size_t more_bytes) const noexcept;

  // Space (journal_space.cpp).
  std::uint64_t bytes_cap() const noexcept;
  void lower_cap() noexcept;
  std::uint64_t event_limit(std::size_t bytes) const;
  bool has_room(std::size_t bytes) const;
  bool is_worth_ending() const noexcept;
  error_code make_room(std::size_t bytes, std::uint64_t now_us);
  error_code free_settled();
  error_code remove_settled();
  error_code free_before_writing();
  error_code compact(std::uint64_t now_us);
  bool is_oversized(const segment&) const noexcept;
  const segment* splittable(std::size_t bytes) const;
  error_code move_out(segment& from, std::uint64_t now_us);
  error_code move_out_whole(segment& from, std::uint64_t now_us);
  error_code move_out_in_pieces(std::uint64_t id, std::uint64_t now_us);
  error_code move_records(segment_reader&, const segment& from, std::uint64_t now_us);
  error_code cut_off(segment& from, std::uint64_t end);
  error_code end_move(segment& from);

  file_system& files_;
  journal_limits limits_;
  std::uint64_t writer_id_;
  state state_ = state::closed;
  bool locked_ = false;

  segment_set segments_;
  std::optional<segment_writer> active_;  // of the newest segment, when we have made it
  std::uint64_t beginning_bytes_ = 0;     // of the active segment
  backlog_reader backlog_{files_, segments_};
  backlog_reader peeks_{files_, segments_};  // so that the backlog is found where it was left
  open_batches batches_;
  std::uint64_t next_segment_id_ = 1;
  std::uint64_t next_sequence_ = 1;
  std::uint64_t written_through_ = 0;
  std::uint64_t durable_through_ = 0;
  std::uint64_t found_bytes_ = 0;  // at the last open, or what is left; 0 once it is below the cap
  std::uint64_t expected_bytes_ = 0;
  std::uint64_t moved_events_ = 0;

  unfinished_releases releases_;
  doubtful_tails doubts_;
  bool begins_anew_ = false;  // what was recovered from doubtful bytes needs a new beginning
  sequence_set unsynced_events_;
  sequence_set unstored_;  // handed over, but not on the disk beyond doubt; not settled either
  sequence_set lost_;
};

}  // namespace vibes::journal
