#include <algorithm>
#include <utility>

#include "daemon/base/assert.hpp"
#include "daemon/store/replay_queue.hpp"
#include "protocol/partitioning.hpp"

// The part of replay_queue that deals with partitions: which lane an event belongs to, and what
// becomes of the lanes when the partitions change.

namespace vibes::store {

std::size_t replay_queue::lane_of(const entry& of) const noexcept {
  return routed() ? protocol::partition_index(of.session, partitions_.size(), generation_) : 0;
}

std::optional<protocol::partition_id> replay_queue::partition_of(const entry& of) const noexcept {
  if (!routed()) return std::nullopt;
  return partitions_[lane_of(of)];
}

bool replay_queue::keeps_partition(const batch& returned,
                                   std::span<const protocol::partition_id> sorted_ids,
                                   protocol::generation gen) const noexcept {
  return gen == generation_ &&
         std::binary_search(sorted_ids.begin(), sorted_ids.end(), returned.partition);
}

void replay_queue::route(std::span<const protocol::partition_id> sorted_ids,
                         protocol::generation gen) {
  VIBES_ASSERT(!sorted_ids.empty());
  if (gen == generation_ && std::ranges::equal(sorted_ids, partitions_)) return;

  std::vector<lane_state> old = std::exchange(lanes_, std::vector<lane_state>(sorted_ids.size()));
  std::vector<batch> kept;
  for (lane_state& each : old) {
    VIBES_ASSERT(!each.busy);
    each.queued.clear();
    for (batch& returned : each.returned) {
      if (keeps_partition(returned, sorted_ids, gen)) {
        returned.holds.clear();
        kept.push_back(std::move(returned));
      } else {
        settle(returned, entry_state::queued);
      }
    }
  }
  partitions_.assign(sorted_ids.begin(), sorted_ids.end());
  generation_ = gen;
  for (batch& each : kept) return_to_partition(std::move(each));
  for (entry& each : order_) {
    if (each.state == entry_state::queued) enqueue(each);
  }
  place_complete();
}

/// Behind the other returned ones of its partition, which is among the present ones.
void replay_queue::return_to_partition(batch&& kept) {
  const auto found = std::ranges::lower_bound(partitions_, kept.partition);
  kept.lane = static_cast<std::size_t>(found - partitions_.begin());
  hold_lanes(kept);
  lanes_[kept.lane].returned.push_back(std::move(kept));
}

/// A batch that keeps its partition while a session of it has moved: the session's newer events
/// must not get to Iggy before it does, so their lanes hand out nothing new until then.
void replay_queue::hold_lanes(batch& kept) {
  for (const entry* each : kept.entries) {
    const std::size_t lane = lane_of(*each);
    if (lane == kept.lane || std::ranges::count(kept.holds, lane) > 0) continue;
    kept.holds.push_back(lane);
    ++lanes_[lane].held_by;
  }
}

void replay_queue::let_go(batch& settled) {
  for (const std::size_t lane : std::exchange(settled.holds, {})) --lanes_[lane].held_by;
}

}  // namespace vibes::store
