#pragma once

#include <optional>

#include "daemon/queue/replay_queue.hpp"

namespace vibes::queue {

struct batch_limits {
  std::size_t events_max = 5'000;
  std::size_t bytes_max = 1 << 20;  // of entry costs; one larger event still travels, alone
  duration linger = std::chrono::milliseconds(5);
};

/// How the link stands when it asks for a batch.
struct link_demand {
  bool link_free =
      true;  // no send is unanswered: lingering would only add latency for a waiting producer
  bool draining = false;  // the daemon is stopping: send what is there
};

/// Decides which lane sends next, and when. A lane is ripe when it has a returned batch, is full by
/// count or bytes, its oldest event has lingered, a producer waits and the link is free, or the
/// daemon drains. Of the ripe lanes the one with the oldest event goes first, so none starves.
///
/// What may be with Iggy already (in flight or returned) never takes more than half of the queue,
/// so that drop_oldest always has something it may drop.
class batcher {
 public:
  batcher(replay_queue& queue, batch_limits limits) : queue_(queue), limits_(limits) {}

  std::optional<batch> next(time_point now, link_demand demand);

  /// When a lane that is not ripe yet will be by lingering alone; nothing when none waits.
  std::optional<time_point> wake_at() const;

 private:
  struct capacity {
    std::size_t events;
    std::size_t bytes;
  };
  /// What may still go in flight; nothing when half of the queue already has.
  std::optional<capacity> room() const noexcept;
  bool ripe(const lane_view& lane, time_point now, link_demand demand) const noexcept;

  replay_queue& queue_;
  batch_limits limits_;
};

}  // namespace vibes::queue
