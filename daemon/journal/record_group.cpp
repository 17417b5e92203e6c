#include "daemon/journal/record_group.hpp"

#include <algorithm>

namespace vibes::journal {

void record_group::add(const event_record& event) {
  encode(event, 0, bytes_);
  count_event(event.sequence);
}

void record_group::reserve(std::size_t bytes) {
  const std::size_t wanted = bytes_.size() + bytes;
  if (wanted > bytes_.capacity()) bytes_.reserve(std::max(wanted, 2 * bytes_.capacity()));
}

void record_group::add_copy(const_bytes record, std::uint8_t flags) {
  const std::size_t begin = bytes_.size();
  bytes_.insert(bytes_.end(), record.begin(), record.end());
  set_record_flags(std::span(bytes_).subspan(begin), flags);
  count_event(decode_record_header(record.data()).sequence);
}

void record_group::count_event(std::uint64_t sequence) noexcept {
  lowest_ = events_ == 0 ? sequence : std::min(lowest_, sequence);
  highest_ = std::max(highest_, sequence);
  ++events_;
}

void record_group::append(record_group&& other) {
  if (empty()) {
    std::swap(*this, other);
  } else {
    // Not insert(): GCC 14 warns of an overflow in it that cannot happen.
    const std::size_t end = bytes_.size();
    bytes_.resize(end + other.bytes_.size());
    std::ranges::copy(other.bytes_, bytes_.begin() + static_cast<std::ptrdiff_t>(end));
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

}  // namespace vibes::journal
