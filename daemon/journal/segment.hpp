#pragma once

#include <string>
#include <vector>

#include "daemon/journal/sequence_set.hpp"

namespace vibes::journal {

/// Where reading may begin in a segment. Within a run, sequences ascend with the position; a new
/// run begins where they do not (moved events, events written anew).
struct segment_mark {
  std::uint64_t sequence = 0;
  std::uint64_t offset = 0;
  bool begins_run = false;
};

/// What the journal keeps in memory of a segment: 16 bytes for each range of live events and 24 for
/// each mark_spacing_bytes of file, never a payload.
struct segment {
  static constexpr std::uint64_t mark_spacing_bytes = 256 << 10;

  std::uint64_t id = 0;
  bool begun = false;  // its beginning is complete: older ones matter by their events only
  std::string name;    // of the file; not always the id's (docs/journal-format.md)
  std::uint64_t size_bytes = 0;  // of the file
  sequence_set live;             // events whose latest copy is here and that are not settled
  std::uint64_t event_count = 0;
  std::uint64_t event_bytes = 0;
  std::uint64_t last_sequence = 0;  // of the event written last
  std::vector<segment_mark> marks;

  /// To be called for every event of the file, in order.
  void note_event(std::uint64_t sequence, std::uint64_t offset, std::uint64_t length) {
    const bool begins_run = marks.empty() || sequence <= last_sequence;
    if (begins_run || offset - marks.back().offset >= mark_spacing_bytes) {
      marks.push_back({sequence, offset, begins_run});
    }
    last_sequence = sequence;
    ++event_count;
    event_bytes += length;
  }

  /// The file ends here now: what was behind stands elsewhere, or is settled.
  void cut(std::uint64_t end) {
    // Both serve for estimates only: they shrink as the file does.
    event_count = event_count * end / size_bytes;
    event_bytes = event_bytes * end / size_bytes;
    while (!marks.empty() && marks.back().offset >= end) marks.pop_back();
    size_bytes = end;
  }

  /// An estimate: live events are taken to be as large as the others.
  std::uint64_t live_bytes() const noexcept {
    return event_count == 0 ? 0 : event_bytes / event_count * live.count();
  }
  /// An estimate, too: events that still take room and are wanted no more, or stand elsewhere.
  std::uint64_t settled_bytes() const noexcept {
    return event_count <= live.count() ? 0
                                       : event_bytes / event_count * (event_count - live.count());
  }
};

/// The name of a segment's file, and back; 0 for names that are none.
std::string segment_name(std::uint64_t id);
std::uint64_t segment_id_of(std::string_view name) noexcept;

}  // namespace vibes::journal
