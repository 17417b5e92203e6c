#pragma once

#include "daemon/journal/journal_format.hpp"

namespace vibes::journal {

/// Records on their way into the journal, encoded one behind the other in one buffer, without
/// checksums: those need the segment. Filling it costs one copy of each payload and no allocation
/// of its own; moving it to the journal thread costs nothing.
class record_group {
 public:
  void add(const event_record&);
  /// So much more fits without an allocation.
  void reserve(std::size_t bytes);
  /// The record of an event as it stands in a segment, with these flags.
  void add_copy(const_bytes record, std::uint8_t flags);
  void add(const recorded_batch& batch) { encode(batch, 0, bytes_); }
  /// Puts another group's records behind these.
  void append(record_group&& other);
  /// Keeps the memory, for records to come.
  void clear() noexcept;
  std::size_t memory_bytes() const noexcept { return bytes_.capacity(); }

  bool empty() const noexcept { return bytes_.empty(); }
  std::size_t size_bytes() const noexcept { return bytes_.size(); }
  std::size_t events() const noexcept { return events_; }
  /// Of the events; 0 when there is none.
  std::uint64_t lowest() const noexcept { return lowest_; }
  std::uint64_t highest() const noexcept { return highest_; }

  std::span<std::byte> bytes() noexcept { return bytes_; }
  const_bytes bytes() const noexcept { return bytes_; }

 private:
  void count_event(std::uint64_t sequence) noexcept;

  byte_vector bytes_;
  std::size_t events_ = 0;
  std::uint64_t lowest_ = 0;
  std::uint64_t highest_ = 0;
};

/// Visits whole records that stand one behind the other: `visit(header, record)`.
template <class Bytes, class Visit>
void for_each_record(Bytes bytes, Visit&& visit) {
  while (!bytes.empty()) {
    const record_header header = decode_record_header(bytes.data());
    visit(header, bytes.first(header.length));
    bytes = bytes.subspan(header.length);
  }
}

}  // namespace vibes::journal
