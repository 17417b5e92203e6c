#include "daemon/store/ack_waiters.hpp"

#include <algorithm>

#include "daemon/base/assert.hpp"

namespace vibes::store {

void ack_waiters::add(const ack_waiter& added) {
  VIBES_ASSERT(has_place());
  VIBES_ASSERT(waiting_.empty() || waiting_.back().sequence < added.sequence);
  waiting_.push_back(added);
}

ack_waiter ack_waiters::take(sequence_number sequence) {
  const auto found = std::ranges::lower_bound(waiting_, sequence, {}, &ack_waiter::sequence);
  if (found == waiting_.end() || found->sequence != sequence) return {sequence, {}, 0, false};
  const ack_waiter taken = *found;
  waiting_.erase(found);
  return taken;
}

}  // namespace vibes::store
