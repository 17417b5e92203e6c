#include "daemon/queue/batcher.hpp"

#include <algorithm>

namespace vibes::queue {

bool batcher::ripe(const lane_view& lane, time_point now, link_demand demand) const noexcept {
  if (lane.queued_events == 0) return false;
  return demand.draining || lane.queued_events >= limits_.events_max ||
         lane.queued_bytes >= limits_.bytes_max ||
         now - lane.oldest->arrived_at >= limits_.linger ||
         (demand.link_free && lane.ack_wanted > 0);
}

std::optional<batcher::capacity> batcher::room() const noexcept {
  const queue_usage usage = queue_.usage();
  const std::size_t events_half = std::max<std::size_t>(queue_.limits().events_max / 2, 1);
  const std::size_t bytes_half = queue_.limits().bytes_max / 2;
  if (usage.unsettled_events >= events_half || usage.unsettled_bytes >= bytes_half) {
    return std::nullopt;
  }
  return capacity{events_half - usage.unsettled_events, bytes_half - usage.unsettled_bytes};
}

std::optional<batch> batcher::next(time_point now, link_demand demand) {
  if (!queue_.routed()) return std::nullopt;
  const std::optional<capacity> free = room();
  std::optional<std::size_t> chosen;
  sequence oldest = ~sequence{0};
  for (std::size_t index = 0; index < queue_.lane_count(); ++index) {
    const lane_view lane = queue_.lane(index);
    if (lane.busy) continue;
    if (lane.has_returned_batch) {
      chosen = index;
      break;
    }
    if (free && ripe(lane, now, demand) && lane.oldest->number < oldest) {
      oldest = lane.oldest->number;
      chosen = index;
    }
  }
  if (!chosen) return std::nullopt;
  // A returned batch is taken as it is, whatever these say.
  return queue_.take(*chosen, std::min(limits_.events_max, free ? free->events : 1),
                     std::min(limits_.bytes_max, free ? free->bytes : 1));
}

std::optional<time_point> batcher::wake_at() const {
  if (!queue_.routed() || !room()) return std::nullopt;
  std::optional<time_point> earliest;
  for (std::size_t index = 0; index < queue_.lane_count(); ++index) {
    const lane_view lane = queue_.lane(index);
    if (lane.busy || lane.queued_events == 0) continue;
    const time_point due = lane.oldest->arrived_at + limits_.linger;
    if (!earliest || due < *earliest) earliest = due;
  }
  return earliest;
}

}  // namespace vibes::queue
