#pragma once

#include <optional>

#include "daemon/journal/file_system.hpp"
#include "daemon/journal/journal_format.hpp"

namespace vibes::journal {

struct record_view {
  record_header header;
  std::uint64_t offset = 0;  // in the file
  const_bytes record;        // header and body; good until the next call
};

/// Reads the verified records of a segment from one position to another, and steps over what does
/// not verify. Memory: one read of read_bytes, or the longest record.
class segment_reader {
 public:
  static constexpr std::size_t read_bytes = 512 << 10;

  /// The file stays the caller's.
  segment_reader(file_system&, file_handle, std::uint64_t segment_id, std::uint64_t begin,
                 std::uint64_t end);

  /// The next record that verifies; nothing at the end.
  std::optional<record_view> next();
  /// The next call of next() begins here. An offset of a record that was seen, or a mark's.
  void seek(std::uint64_t offset) noexcept { at_ = offset; }

  /// Behind the last record that verified.
  std::uint64_t valid_end() const noexcept { return valid_end_; }
  /// Skipped between records that verified, so far.
  std::uint64_t skipped_bytes() const noexcept { return skipped_bytes_; }
  std::uint64_t skipped_stretches() const noexcept { return skipped_stretches_; }
  /// Blocks that the disk would not give: they were taken for zeros.
  std::uint64_t read_errors() const noexcept { return read_errors_; }

 private:
  const std::byte* window(std::uint64_t offset, std::size_t size);
  void load(std::uint64_t offset, std::size_t size);
  std::optional<record_view> record_at(std::uint64_t offset);

  file_system& files_;
  file_handle file_;
  std::uint64_t segment_id_;
  std::uint64_t at_;
  std::uint64_t end_;
  std::uint64_t valid_end_;
  std::uint64_t skipped_bytes_ = 0;
  std::uint64_t skipped_stretches_ = 0;
  std::uint64_t read_errors_ = 0;
  std::uint64_t search_hash_bytes_;  // what the search after damage may still hash
  byte_vector buffer_;
  std::uint64_t buffer_offset_ = 0;
  std::size_t buffer_size_ = 0;
};

}  // namespace vibes::journal
