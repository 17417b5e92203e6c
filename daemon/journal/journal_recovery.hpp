#pragma once

#include <map>

#include "daemon/journal/file_system.hpp"
#include "daemon/journal/open_batches.hpp"
#include "daemon/journal/segment_set.hpp"

namespace vibes::journal {

/// What was found in the directory, for the log, the status and the loss ledger.
struct recovery_report {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  std::uint64_t live_events = 0;
  sequence_set lost;                    // should be live here, and cannot be found
  std::uint64_t tail_bytes = 0;         // of a write that did not finish: no damage
  std::uint64_t damaged_bytes = 0;      // skipped
  std::uint64_t damaged_stretches = 0;  // of such bytes
  std::uint64_t damaged_headers = 0;
  std::uint64_t malformed_records = 0;
  std::uint64_t read_errors = 0;  // blocks of 4 KiB
  std::uint64_t renamed_segments = 0;
  std::uint64_t duplicate_segments = 0;    // ignored
  std::uint64_t foreign_segments = 0;      // of another journal; ignored
  std::uint64_t foreign_files = 0;         // ignored
  std::vector<std::string> ignored_names;  // the first few of those
  static constexpr std::size_t names_max = 8;
};

/// Segments of which a failed write or sync has left the end in doubt, by id, and from which offset
/// on: what reads well there may not be on the disk. From 0 on when its beginning failed: such a
/// segment is removed unread.
using doubtful_tails = std::map<std::uint64_t, std::uint64_t>;

struct recovered_journal {
  segment_set segments;
  open_batches batches;
  sequence_set doubtful;  // live events whose only sure copy was the caller's
  std::uint64_t next_sequence = 1;
  std::uint64_t next_segment_id = 1;
  std::uint64_t writer_id = 0;  // 0: the directory has no segment
  recovery_report report;
};

/// Reads the whole directory, which the caller has locked (docs/journal-format.md, "Reading it
/// back"). Memory: one read buffer, and what segment_set keeps. Changes only the end of the last
/// segment, and syncs it: what is found settled stays so. Errors: newer_format, older_format, and
/// the disk's, with nothing changed.
result<recovered_journal> recover_journal(file_system&, const doubtful_tails& = {});

/// Name of the file whose lock is the directory's.
inline constexpr std::string_view lock_name = "lock";

}  // namespace vibes::journal
