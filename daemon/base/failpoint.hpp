#pragma once

#include <cstdint>

namespace vibes {

/// Moments at which a test may end the process as `kill -9` does (docs/testing.md, "Kills").
/// `before` and `after` are those of a system call that succeeded, unless it says otherwise.
enum class failpoint_name : std::uint8_t {
  // The journal's directory.
  journal_create_before,  // of a segment
  journal_create_after,
  journal_write_before,
  journal_write_after,
  journal_sync_before,
  journal_sync_after,
  journal_directory_sync_before,
  journal_directory_sync_after,
  journal_read_before,
  journal_read_after,
  journal_remove_before,  // of a segment that holds nothing any more
  journal_remove_after,
  journal_truncate_before,  // what a write has left unfinished is cut off
  journal_truncate_after,
  // The journal's jobs.
  journal_release_before,  // a job that says what is settled
  journal_release_after,
  journal_outcome_before,  // the loop hears what became of a job
  journal_outcome_after,
  // Requests to Iggy.
  send_before,
  send_after,
  reply_before,  // bytes of a reply are here, and not looked at
  reply_after,   // what they say has been done
  // Producers.
  lines_after,  // lines have been read, and not looked at
  producer_ack_before,
  producer_ack_after,
  // The dead letter file.
  dead_letter_write_before,
  dead_letter_write_after,
  dead_letter_rename_before,
  dead_letter_rename_after,
  // A stop that was asked for.
  stop_before,
  drain_after,  // the link has stopped, and the journal has all that it will get
  stop_after,
};

inline constexpr failpoint_name last_failpoint_name = failpoint_name::stop_after;

/// Does nothing, unless the program is the one of the tests that can be killed: there it may be the
/// end. For drivers only, beside the system call in question; any thread.
void failpoint(failpoint_name) noexcept;

}  // namespace vibes
