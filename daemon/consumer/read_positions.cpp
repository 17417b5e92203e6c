#include "daemon/consumer/read_positions.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/assert.hpp"

namespace vibes::consumer {

read_positions::read_positions(const std::vector<protocol::partition_id>& partitions) {
  VIBES_ASSERT(!partitions.empty());
  for (const protocol::partition_id each : partitions) positions_.push_back({each});
}

read_positions::position* read_positions::find(protocol::partition_id partition) {
  const auto found = std::ranges::find(positions_, partition, &position::partition);
  return found == positions_.end() ? nullptr : &*found;
}

void read_positions::seek(protocol::partition_id partition, std::uint64_t offset, bool reached) {
  if (position* const at = find(partition)) *at = {partition, offset, {}, reached, {}};
}

void read_positions::handed_out(protocol::partition_id partition, std::uint64_t offset) {
  if (position* const at = find(partition)) *at = {partition, offset + 1, offset, true, {}};
}

std::optional<read_positions::jump> read_positions::found(protocol::partition_id partition,
                                                          std::optional<std::uint64_t> first,
                                                          std::uint64_t newest, time_point now) {
  position* const at = find(partition);
  if (at == nullptr) return std::nullopt;
  const std::uint64_t wanted = at->next;
  if (first) {
    at->beyond_since.reset();
    // Who reads from the beginning has asked for the first one, whatever its offset.
    if (*first <= wanted || wanted == 0) return std::nullopt;
    at->next = *first;
    return jump{partition, wanted, *first};
  }
  const bool beyond = at->reached && wanted > 0 && wanted - 1 > newest;
  if (!beyond) {
    at->beyond_since.reset();
    return std::nullopt;
  }
  if (!at->beyond_since) at->beyond_since = now;
  if (at->handed_out && now - *at->beyond_since < beyond_patience) return std::nullopt;
  *at = {partition};
  return jump{partition, wanted, 0};
}

std::size_t read_positions::take_up(const std::vector<protocol::partition_id>& partitions) {
  const std::size_t before = positions_.size();
  for (const protocol::partition_id each : partitions) {
    if (find(each) == nullptr) positions_.push_back({each});
  }
  return positions_.size() - before;
}

std::size_t read_positions::leave_others(const std::vector<protocol::partition_id>& partitions) {
  std::vector<position> kept;
  for (const position& each : positions_) {
    if (std::ranges::find(partitions, each.partition) != partitions.end()) kept.push_back(each);
  }
  if (kept.empty()) return 0;
  const std::size_t left = positions_.size() - kept.size();
  positions_ = std::move(kept);
  turn_ %= positions_.size();
  return left;
}

const read_positions::position& read_positions::take_turn() {
  const position& chosen = positions_[turn_];
  turn_ = (turn_ + 1) % positions_.size();
  return chosen;
}

}  // namespace vibes::consumer
