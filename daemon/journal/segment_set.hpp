#pragma once

#include <deque>

#include "daemon/journal/segment.hpp"

namespace vibes::journal {

/// The journal's segments by id, and which event is live in which. Knows no files.
class segment_set {
 public:
  /// Ids ascend.
  segment& add(segment made);
  void remove(std::uint64_t id);

  bool empty() const noexcept { return segments_.empty(); }
  std::size_t size() const noexcept { return segments_.size(); }
  segment& newest() noexcept { return segments_.back(); }
  segment* find(std::uint64_t id) noexcept;
  const std::deque<segment>& all() const noexcept { return segments_; }

  /// The latest copies of these events are now in this segment; wherever else they were live, they
  /// no longer are.
  void make_live(std::uint64_t id, const sequence_set& events);
  /// They are live nowhere.
  void settle(const sequence_set& events);

  struct place {
    std::uint64_t segment_id = 0;
    std::uint64_t sequence = 0;
    std::uint64_t until = 0;  // no other segment has a live event from `sequence` to below this
  };
  /// The live event with the smallest sequence that is at least this; segment id 0 when there is
  /// none.
  place next_live(std::uint64_t at_least) const noexcept;

  bool is_live(std::uint64_t sequence) const noexcept;
  /// Those of the given events that are live.
  sequence_set live_among(const sequence_set&) const;
  /// All live events, in one set.
  sequence_set live() const;
  std::uint64_t live_count() const noexcept;
  std::uint64_t live_bytes() const noexcept;     // an estimate
  std::uint64_t settled_bytes() const noexcept;  // an estimate
  std::uint64_t size_bytes() const noexcept;

  /// The segment of the smallest live share, or none when all have more than `live_share_max` (in
  /// hundredths). The newest, which is written to, is not considered when `spare_newest`.
  const segment* emptiest(unsigned live_share_max, bool spare_newest) const noexcept;

 private:
  std::deque<segment> segments_;
};

}  // namespace vibes::journal
