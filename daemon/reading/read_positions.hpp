#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/types.hpp"

namespace vibes::reading {

/// Where a reader stands in each of its partitions, and which one it asks next. Pure.
///
/// Partitions take turns, so none waits for another's backlog; a round is over when each was asked
/// once.
class read_positions {
 public:
  explicit read_positions(std::vector<protocol::partition_id> partitions);

  /// The next offset to read in a partition, and the one it was last handed out, if any.
  struct position {
    protocol::partition_id partition = 0;
    std::uint64_t next = 0;
    std::optional<std::uint64_t> handed_out;
  };

  void seek(protocol::partition_id, std::uint64_t offset);
  void handed_out(protocol::partition_id, std::uint64_t offset);

  /// Whose turn it is; moves on.
  const position& take_turn();
  std::size_t size() const noexcept { return positions_.size(); }
  const std::vector<position>& all() const noexcept { return positions_; }

 private:
  position* find(protocol::partition_id);

  std::vector<position> positions_;
  std::size_t turn_ = 0;
};

/// What a partition holds, as a reader has to know it: an empty one and one with a single message
/// both report 0 as their current offset, so the true end needs the count or a message.
struct partition_extent {
  protocol::partition_id partition = 0;
  std::uint64_t end = 0;  // the offset that the next message will get
};

/// `n` before the end, not below the beginning.
constexpr std::uint64_t offset_before_end(std::uint64_t end, std::uint64_t n) noexcept {
  return n < end ? end - n : 0;
}

}  // namespace vibes::reading
