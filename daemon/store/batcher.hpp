#pragma once

#include <limits>
#include <optional>

#include "daemon/store/replay_queue.hpp"

namespace vibes::store {

struct batch_limits {
  std::size_t events_max = 5'000;
  std::size_t bytes_max = 1 << 20;  // of entry costs; one larger event still travels, alone
  duration linger = std::chrono::milliseconds(5);
};

/// Which lanes a link sends for: those that its node leads, or all.
struct lane_choice {
  std::span<const std::uint8_t> leaders{};  // of each lane; empty: one node leads them all
  std::uint8_t mine = 0;

  bool has(std::size_t lane) const noexcept { return leaders.empty() || leaders[lane] == mine; }
};

/// How the link stands when it asks for a batch.
struct link_demand {
  bool link_free =
      true;  // no send is unanswered: lingering would only add latency for a waiting producer
  bool draining = false;  // the daemon is stopping: send what is there
  lane_choice lanes{};
  /// Of entry costs, in a new batch: what the link can take now. One larger event travels alone.
  std::size_t bytes_max = std::numeric_limits<std::size_t>::max();
  /// Of a returned batch, which stays as it was: it waits until it may go.
  std::size_t returned_bytes_max = std::numeric_limits<std::size_t>::max();
};

/// Decides which lane sends next, and when. A lane is ripe when it is full by count or bytes, its
/// oldest event has lingered, a producer waits and the link is free, or the daemon drains. Of the
/// ripe lanes the one with the oldest event goes first, so none starves. A returned batch may go at
/// any time; returned batches take turns with each other and, as a whole, with the ripe lanes: a
/// partition that sends its batch back again and again does not keep the others from Iggy.
///
/// What may be with Iggy already (in flight or returned) never takes more than half of the queue,
/// so that drop_oldest always has something it may drop. Only an event that is larger than that
/// half goes nevertheless, alone. An event that has to wait for room is not overtaken.
class batcher {
 public:
  batcher(replay_queue& queue, batch_limits limits) : queue_(queue), limits_(limits) {}

  std::optional<batch> next(time_point now, link_demand demand);

  /// When a lane that is not ripe yet will be by lingering alone; nothing when none waits.
  std::optional<time_point> wake_at(const lane_choice& = {}) const;

 private:
  bool ripe(const lane_view& lane, time_point now, link_demand demand) const noexcept;
  bool has_room_for(const entry& oldest) const noexcept;
  batch take_returned(std::size_t lane);
  batch take_new(std::size_t lane, std::size_t bytes_max);

  replay_queue& queue_;
  batch_limits limits_;
  bool returned_went_last_ = false;
  std::size_t returned_turn_ = 0;  // the lane that is next among those with a returned batch
};

}  // namespace vibes::store
