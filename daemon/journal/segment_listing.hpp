#pragma once

#include "daemon/journal/journal_recovery.hpp"

namespace vibes::journal {

/// A file of the directory that is to be read as a segment.
struct listed_segment {
  std::string name;
  std::uint64_t size_bytes = 0;
  std::uint64_t id = 0;
  std::uint64_t name_id = 0;
  decoded_header header;
  bool has_header() const noexcept { return header.verdict == header_verdict::good; }
};

struct segment_listing {
  std::vector<listed_segment> segments;  // by id, each id once
  std::uint64_t writer_id = 0;
  std::uint64_t next_segment_id = 1;
};

/// Decides which files are the journal's and in which order they count. Changes nothing on the
/// disk; what is ignored goes into the report.
result<segment_listing> list_segments(file_system&, recovery_report&);

}  // namespace vibes::journal
