#include "daemon/base/connect_turns.hpp"

#include <algorithm>

namespace vibes {

void connect_turns::begin(std::size_t count, time_point deadline) noexcept {
  count_ = left_ = count;
  deadline_ = deadline;
}

std::optional<connect_turns::turn> connect_turns::next(time_point now) noexcept {
  if (left_ == 0 || now >= deadline_) return std::nullopt;
  const duration fair = (deadline_ - now) / static_cast<duration::rep>(left_);
  --left_;
  // A name may have other addresses now than in the round before.
  last_ = first_ % count_;
  first_ = (last_ + 1) % count_;
  return turn{last_, std::min(deadline_, now + std::max(fair, part_min))};
}

}  // namespace vibes
