#include "daemon/store/batcher.hpp"

#include <algorithm>

namespace vibes::store {
namespace {

/// The share of the queue that may be in flight or returned.
std::size_t share_of(std::size_t limit) noexcept {
  return limit / 2;
}

std::size_t left(std::size_t limit, std::size_t used) noexcept {
  return limit - std::min(limit, used);
}

}  // namespace

bool batcher::ripe(const lane_view& lane, time_point now, link_demand demand) const noexcept {
  return demand.draining || lane.queued_events >= limits_.events_max ||
         lane.queued_bytes >= std::min(limits_.bytes_max, demand.bytes_max) ||
         now - lane.oldest->arrived_at >= limits_.linger ||
         (demand.link_free && lane.ack_wanted > 0);
}

bool batcher::has_room_for(const entry& oldest) const noexcept {
  const queue_usage usage = queue_.usage();
  return usage.unsettled_events == 0 ||
         (usage.unsettled_events < share_of(queue_.limits().events_max) &&
          usage.unsettled_bytes + entry_cost_bytes(oldest.payload_size) <=
              share_of(queue_.limits().bytes_max));
}

std::optional<batch> batcher::next(time_point now, link_demand demand) {
  if (!queue_.routed()) return std::nullopt;
  std::optional<std::size_t> returned;
  std::optional<std::size_t> chosen;
  const entry* oldest = nullptr;
  for (std::size_t index = 0; index < queue_.lane_count(); ++index) {
    const lane_view lane = queue_.lane(index);
    if (lane.busy || !demand.lanes.has(index)) continue;
    if (lane.has_returned_batch) {
      if (lane.returned_bytes > demand.returned_bytes_max) continue;
      if (!returned || (*returned < returned_turn_ && index >= returned_turn_)) returned = index;
    } else if (lane.queued_events > 0 && !lane.is_held && ripe(lane, now, demand) &&
               (oldest == nullptr || lane.oldest->sequence < oldest->sequence)) {
      oldest = lane.oldest;
      chosen = index;
    }
  }
  if (chosen && !has_room_for(*oldest)) chosen.reset();
  if (returned && !(chosen && returned_went_last_)) return take_returned(*returned);
  if (chosen) return take_new(*chosen, demand.bytes_max);
  return std::nullopt;
}

batch batcher::take_returned(std::size_t lane) {
  returned_went_last_ = true;
  returned_turn_ = lane + 1;
  return queue_.take(lane, limits_.events_max, limits_.bytes_max);
}

batch batcher::take_new(std::size_t lane, std::size_t bytes_max) {
  returned_went_last_ = false;
  const queue_usage usage = queue_.usage();
  const std::size_t events_left =
      left(share_of(queue_.limits().events_max), usage.unsettled_events);
  const std::size_t bytes_left = left(share_of(queue_.limits().bytes_max), usage.unsettled_bytes);
  return queue_.take(lane, std::clamp<std::size_t>(events_left, 1, limits_.events_max),
                     std::min({limits_.bytes_max, bytes_left, bytes_max}));
}

std::optional<time_point> batcher::wake_at(const lane_choice& lanes) const {
  if (!queue_.routed()) return std::nullopt;
  const entry* oldest = nullptr;
  for (std::size_t index = 0; index < queue_.lane_count(); ++index) {
    const lane_view lane = queue_.lane(index);
    if (lane.busy || lane.is_held || lane.has_returned_batch) continue;
    if (lane.queued_events == 0 || !lanes.has(index)) continue;
    if (oldest == nullptr || lane.oldest->sequence < oldest->sequence) oldest = lane.oldest;
  }
  // Without room only an answer of Iggy helps, no waiting.
  if (oldest == nullptr || !has_room_for(*oldest)) return std::nullopt;
  return oldest->arrived_at + limits_.linger;
}

}  // namespace vibes::store
