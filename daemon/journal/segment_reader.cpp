#include "daemon/journal/segment_reader.hpp"

#include <algorithm>

namespace vibes::journal {
namespace {

/// What one failed read is taken to have cost: the rest of the buffer may still be readable.
constexpr std::size_t unreadable_block_bytes = 4'096;
constexpr std::uint64_t search_hash_factor = 4;

}  // namespace

segment_reader::segment_reader(file_system& files, file_handle file, std::uint64_t segment_id,
                               std::uint64_t begin, std::uint64_t end)
    : files_(files),
      file_(file),
      segment_id_(segment_id),
      at_(begin),
      end_(std::max(begin, end)),
      valid_end_(begin),
      search_hash_bytes_(search_hash_factor * end) {}

/// Bytes of the file that are inside its end; valid until the next call.
const std::byte* segment_reader::window(std::uint64_t offset, std::size_t size) {
  const bool there = offset >= buffer_offset_ && offset + size <= buffer_offset_ + buffer_size_;
  if (!there) load(offset, size);
  return buffer_.data() + (offset - buffer_offset_);
}

void segment_reader::load(std::uint64_t offset, std::size_t size) {
  const std::uint64_t left = end_ - offset;
  buffer_size_ =
      static_cast<std::size_t>(std::min<std::uint64_t>(left, std::max(size, read_bytes)));
  if (buffer_.size() < buffer_size_) buffer_.resize(buffer_size_);
  buffer_offset_ = offset;
  std::size_t filled = 0;
  std::size_t step = buffer_size_;
  while (filled < buffer_size_) {
    const std::size_t wanted = std::min(step, buffer_size_ - filled);
    const std::span<std::byte> to(buffer_.data() + filled, wanted);
    const result<std::size_t> got = files_.read_at(file_, offset + filled, to);
    if (got && *got > 0) {
      filled += *got;
      continue;
    }
    if (!got && wanted > unreadable_block_bytes) {
      step = unreadable_block_bytes;  // find out how much of it is unreadable
      continue;
    }
    std::ranges::fill(to, std::byte{0});
    filled += wanted;
    if (!got) ++read_errors_;
  }
}

std::optional<record_view> segment_reader::record_at(std::uint64_t offset) {
  if (end_ - offset < record_header_bytes) return std::nullopt;
  const std::byte* at = window(offset, record_header_bytes);
  if (!plausible_record(at, end_ - offset)) return std::nullopt;
  const record_header header = decode_record_header(at);
  const bool searching = offset != at_;
  if (searching) {
    if (header.length > search_hash_bytes_) return std::nullopt;
    search_hash_bytes_ -= header.length;
  }
  const const_bytes record(window(offset, header.length), header.length);
  if (record_checksum(record, segment_id_) != header.checksum) return std::nullopt;
  return record_view{header, offset, record};
}

std::optional<record_view> segment_reader::next() {
  for (std::uint64_t offset = at_; offset < end_; ++offset) {
    const std::optional<record_view> found = record_at(offset);
    if (!found) continue;
    if (offset != at_) {
      skipped_bytes_ += offset - at_;
      ++skipped_stretches_;
    }
    at_ = offset + found->header.length;
    valid_end_ = std::max(valid_end_, at_);
    return found;
  }
  at_ = end_;
  return std::nullopt;
}

}  // namespace vibes::journal
