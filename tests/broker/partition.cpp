#include "tests/broker/partition.hpp"

#include <algorithm>

namespace vibes::broker {

std::size_t block::memory_bytes() const {
  return records.capacity() + ends.capacity() * sizeof(ends[0]) +
         batches.capacity() * sizeof(batches[0]);
}

block& partition::block_for(std::size_t more_bytes) {
  if (!blocks_.empty()) {
    block& last = blocks_.back();
    if (last.records.capacity() - last.records.size() >= more_bytes) return last;
  }
  const std::size_t grown = blocks_.empty() ? 0 : blocks_.back().records.capacity() * 2;
  block& fresh = blocks_.emplace_back();
  fresh.first_offset = next_offset_;
  fresh.records.reserve(
      std::max(more_bytes, std::clamp(grown, block_bytes_first, block_bytes_most)));
  return fresh;
}

block& partition::append(bytes_view records, std::span<const std::uint32_t> ends,
                         std::uint64_t now_us) {
  return append(records, ends, {0, now_us}, 0);
}

block& partition::append(bytes_view records, std::span<const std::uint32_t> ends, batch_mark batch,
                         std::size_t header_bytes) {
  block& to = block_for(records.size());
  const std::size_t memory_before = to.ends.empty() ? 0 : to.memory_bytes();
  const auto base = static_cast<std::uint32_t>(to.records.size());
  batch.first = to.ends.size();
  to.batches.push_back(batch);
  to.records.insert(to.records.end(), records.begin(), records.end());
  for (const std::uint32_t end : ends) to.ends.push_back(base + end);
  next_offset_ += ends.size();
  records_bytes_ += records.size() + header_bytes;
  to.header_bytes += header_bytes;
  memory_bytes_ += to.memory_bytes() - memory_before;
  return to;
}

block* partition::find(std::uint64_t offset) {
  const auto found = std::partition_point(blocks_.begin(), blocks_.end(),
                                          [&](const block& b) { return b.end_offset() <= offset; });
  return found == blocks_.end() ? nullptr : &*found;
}

std::uint64_t partition::offset_at(std::uint64_t timestamp_us) const {
  for (const block& candidate : blocks_) {
    if (candidate.batches.back().timestamp_us < timestamp_us) continue;
    for (const batch_mark& batch : candidate.batches)
      if (batch.timestamp_us >= timestamp_us) return candidate.first_offset + batch.first;
  }
  return next_offset_;
}

std::size_t partition::drop_oldest() {
  if (!droppable()) return 0;
  const std::size_t freed = blocks_.front().memory_bytes();
  records_bytes_ -= blocks_.front().records.size() + blocks_.front().header_bytes;
  memory_bytes_ -= freed;
  blocks_.pop_front();
  return freed;
}

std::uint64_t partition::first_offset() const {
  return blocks_.empty() ? next_offset_ : blocks_.front().first_offset;
}

recent_ids& partition::ids() {
  if (!ids_) ids_ = std::make_unique<recent_ids>();
  return *ids_;
}

std::optional<std::uint64_t> partition::stored_offset(consumer_key consumer) const {
  const auto found = consumers_.find(consumer);
  if (found == consumers_.end()) return std::nullopt;
  return found->second;
}

bool partition::store_offset(consumer_key consumer, std::uint64_t offset) {
  if (consumers_.size() >= consumers_max && !consumers_.contains(consumer)) return false;
  consumers_[consumer] = offset;
  return true;
}

}  // namespace vibes::broker
