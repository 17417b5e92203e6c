#pragma once

#include "daemon/journal/file_system.hpp"
#include "daemon/journal/record_group.hpp"
#include "daemon/journal/segment_reader.hpp"
#include "daemon/journal/segment_set.hpp"

namespace vibes::journal {

struct read_limits {
  std::size_t events_max = 10'000;
  std::size_t bytes_max = 4 << 20;  // of records; one larger event is read nevertheless, alone
};

/// Live events in the order of their sequences.
struct backlog_events {
  record_group events;     // unsealed; for_each_record and decode_event give them
  sequence_set lost;       // were live, but could not be read: no longer live
  std::uint64_t next = 1;  // where to go on
  bool at_end = false;     // nothing live is left from there on
};

/// Reads events back from the segments, in order, whatever the order in the files. Reading goes on
/// where it stopped without searching; elsewhere it costs one stretch between two marks.
class backlog_reader {
 public:
  /// Both must outlive it.
  backlog_reader(file_system& files, segment_set& segments) : files_(files), segments_(segments) {}

  result<backlog_events> read(std::uint64_t from, read_limits);
  /// The same, but what is lost stays live: whoever only looks decides nothing.
  result<backlog_events> peek(std::uint64_t from, read_limits);

 private:
  /// Where the last record was found, so that the next one is looked for behind it.
  struct cursor {
    std::uint64_t segment_id = 0;
    std::uint64_t sequence = 0;
    std::uint64_t offset = 0;
    std::uint64_t run_end = 0;
  };
  struct finding {
    const_bytes event;             // its record; empty when it was not found
    std::uint64_t lost_until = 0;  // then: what is live below this is not in the segment
  };

  error_code read_stretch(const segment_set::place&, read_limits, backlog_events& to);
  finding find(const segment&, std::uint64_t sequence, segment_reader&);
  finding find_in_run(const segment&, std::uint64_t sequence, std::uint64_t begin,
                      std::uint64_t end, segment_reader&);
  void lose(segment&, std::uint64_t from, std::uint64_t until, backlog_events& to);

  file_system& files_;
  segment_set& segments_;
  cursor cursor_;
  std::vector<std::pair<std::uint64_t, sequence_set>> lost_in_;  // of the last read, by segment
};

}  // namespace vibes::journal
