#include "daemon/reading/read_positions.hpp"

#include <algorithm>

#include "daemon/base/assert.hpp"

namespace vibes::reading {

read_positions::read_positions(std::vector<protocol::partition_id> partitions) {
  VIBES_ASSERT(!partitions.empty());
  for (const protocol::partition_id each : partitions) positions_.push_back({each, 0, {}});
}

read_positions::position* read_positions::find(protocol::partition_id partition) {
  const auto found = std::ranges::find(positions_, partition, &position::partition);
  return found == positions_.end() ? nullptr : &*found;
}

void read_positions::seek(protocol::partition_id partition, std::uint64_t offset) {
  if (position* const at = find(partition)) *at = {partition, offset, {}};
}

void read_positions::handed_out(protocol::partition_id partition, std::uint64_t offset) {
  if (position* const at = find(partition)) {
    at->next = offset + 1;
    at->handed_out = offset;
  }
}

const read_positions::position& read_positions::take_turn() {
  const position& chosen = positions_[turn_];
  turn_ = (turn_ + 1) % positions_.size();
  return chosen;
}

}  // namespace vibes::reading
