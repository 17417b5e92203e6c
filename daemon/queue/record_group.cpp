#include "daemon/queue/record_group.hpp"

#include <algorithm>

namespace vibes::queue {

void record_group::add_event(const event_record& event, std::uint8_t flags) {
  encode(event, flags, bytes_);
  lowest_ = events_ == 0 ? event.sequence : std::min(lowest_, event.sequence);
  highest_ = std::max(highest_, event.sequence);
  ++events_;
}

void record_group::append(record_group&& other) {
  if (empty()) {
    *this = std::move(other);
  } else {
    bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
    if (other.events_ > 0) {
      lowest_ = events_ == 0 ? other.lowest_ : std::min(lowest_, other.lowest_);
      highest_ = std::max(highest_, other.highest_);
      events_ += other.events_;
    }
  }
  other.clear();
}

void record_group::clear() noexcept {
  bytes_.clear();
  events_ = 0;
  lowest_ = 0;
  highest_ = 0;
}

}  // namespace vibes::queue
