#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "tests/broker/recent_ids.hpp"
#include "tests/broker/vsr_partition.hpp"
#include "tests/broker/wire.hpp"

namespace vibes::broker {

/// The bytes 52 to 71 of a VSR batch header, all zero when no producer is named.
using producer_section = std::array<std::byte, 20>;

/// When the records of one batch were stored; `first` is the batch's first record in its block.
struct batch_mark {
  std::size_t first;
  std::uint64_t timestamp_us;
  // VSR: what its batch's header has beside this.
  std::uint64_t origin_us = 0;
  producer_section producer{};
};

/// Records back to back, as they go out in a poll. Offsets in a block have no holes.
struct block {
  std::uint64_t first_offset = 0;
  bytes records;
  std::vector<std::uint32_t> ends;  // one past each record, in `records`
  std::vector<batch_mark> batches;
  std::size_t header_bytes = 0;  // of the VSR batch headers, which are not in `records`
  std::size_t sealed = 0;        // this many records have their checksum already

  std::uint64_t end_offset() const { return first_offset + ends.size(); }
  std::size_t begin_of(std::size_t index) const { return index == 0 ? 0 : ends[index - 1]; }
  std::size_t memory_bytes() const;
};

/// Consumer kind (1 consumer, 2 group) and number.
using consumer_key = std::pair<std::uint8_t, std::uint32_t>;

/// One partition in memory. It knows where records begin and end, not what is in them: what a
/// generation writes into a stored record is that generation's business.
class partition {
 public:
  static constexpr std::size_t block_bytes_first = std::size_t{64} * 1024;
  static constexpr std::size_t block_bytes_most = std::size_t{1024} * 1024;
  static constexpr std::size_t consumers_max = 10'000;

  explicit partition(std::uint64_t created_us) : created_us_(created_us) {}

  /// Copies the records in; `ends` are their ends in `records`. The block returned holds them as
  /// its last `ends.size()` records and stays where it is until the next append or drop.
  block& append(bytes_view records, std::span<const std::uint32_t> ends, std::uint64_t now_us);
  /// The same for a VSR batch, whose header counts among the bytes of its records.
  block& append(bytes_view records, std::span<const std::uint32_t> ends, batch_mark batch,
                std::size_t header_bytes);

  /// The block that holds `offset`, or null when nothing is at or behind it.
  block* find(std::uint64_t offset);

  /// The first offset whose record was stored at or after this time; the next offset when none.
  std::uint64_t offset_at(std::uint64_t timestamp_us) const;

  /// Forgets the oldest block and says how many bytes that gave back. Only a droppable one has any.
  std::size_t drop_oldest();
  bool droppable() const { return blocks_.size() > 1; }

  std::uint64_t created_us() const { return created_us_; }
  std::uint64_t first_offset() const;
  std::uint64_t next_offset() const { return next_offset_; }
  /// The offset of the last message, 0 while there is none: the wire cannot tell them apart.
  std::uint64_t current_offset() const { return next_offset_ == 0 ? 0 : next_offset_ - 1; }
  std::uint64_t messages() const { return next_offset_ - first_offset(); }
  std::uint64_t records_bytes() const { return records_bytes_; }
  std::size_t memory_bytes() const { return memory_bytes_; }
  recent_ids& ids();
  vsr_partition& vsr() { return vsr_; }

  std::optional<std::uint64_t> stored_offset(consumer_key consumer) const;
  /// False when there are `consumers_max` others already.
  bool store_offset(consumer_key consumer, std::uint64_t offset);
  bool delete_offset(consumer_key consumer) { return consumers_.erase(consumer) == 1; }

 private:
  block& block_for(std::size_t more_bytes);

  std::uint64_t created_us_;
  std::uint64_t next_offset_ = 0;
  std::uint64_t records_bytes_ = 0;
  std::size_t memory_bytes_ = 0;
  std::deque<block> blocks_;
  std::map<consumer_key, std::uint64_t> consumers_;
  std::unique_ptr<recent_ids> ids_;
  vsr_partition vsr_;
};

}  // namespace vibes::broker
