#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "daemon/base/time.hpp"
#include "protocol/types.hpp"

namespace vibes::consumer {

/// Where a reader stands in each of its partitions, and which one it asks next. Pure.
///
/// Partitions take turns, so none waits for another's backlog; a round is over when each was asked
/// once.
class read_positions {
 public:
  explicit read_positions(const std::vector<protocol::partition_id>& partitions);

  /// For so long a partition has to end before a position that was read there: a node that has just
  /// come to lead it may be behind for a moment.
  static constexpr duration beyond_patience = std::chrono::seconds(2);

  /// The next offset to read in a partition, and the one it was last handed out, if any.
  struct position {
    protocol::partition_id partition = 0;
    std::uint64_t next = 0;
    std::optional<std::uint64_t> handed_out{};
    bool reached = false;  // the partition has had what stands before `next`: the server said so
    std::optional<time_point> beyond_since{};
  };
  /// A position that the partition does not hold: reading goes on elsewhere.
  struct jump {
    protocol::partition_id partition = 0;
    std::uint64_t from = 0;
    std::uint64_t to = 0;  // below `from`: the partition was emptied or made anew
  };

  /// `reached`: the offset was told by the server, not chosen by somebody.
  void seek(protocol::partition_id, std::uint64_t offset, bool reached = false);
  void handed_out(protocol::partition_id, std::uint64_t offset);
  /// What a poll from `next` has found: the first offset it carries, and the partition's newest
  /// one, which is 0 also in an empty partition. Where they do not fit, the position moves.
  std::optional<jump> found(protocol::partition_id, std::optional<std::uint64_t> first,
                            std::uint64_t newest, time_point now);
  /// Partitions that are not read yet are read from their beginning; says how many these are.
  std::size_t take_up(const std::vector<protocol::partition_id>&);
  /// Leaves those that are not in the list, but never the last one; says how many.
  std::size_t leave_others(const std::vector<protocol::partition_id>&);

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

}  // namespace vibes::consumer
