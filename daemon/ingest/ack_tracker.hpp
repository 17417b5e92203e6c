#pragma once

#include <bit>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>

#include "daemon/base/assert.hpp"

namespace vibes::ingest {

/// Which lines of one connection are settled: at the asked-for level, or answered by an error line.
/// Lines settle out of order, since their partitions are acknowledged one by one; what a producer
/// is told is the mark below which all are. A bit for each line from the mark's word on.
class ack_tracker {
 public:
  /// Counts a line and gives its number, from 1.
  std::uint64_t count_line() {
    if (counted_ % word_bits == 0) words_.push_back(0);
    return ++counted_;
  }

  void settle(std::uint64_t line) { settle({&line, 1}); }
  void settle(std::span<const std::uint64_t> lines) {
    for (const std::uint64_t line : lines) {
      VIBES_ASSERT(line >= 1 && line <= counted_);
      const std::uint64_t index = line - 1;
      if (index < first_index_) continue;
      words_[(index - first_index_) / word_bits] |= std::uint64_t{1} << (index % word_bits);
    }
    while (!words_.empty() && words_.front() == ~std::uint64_t{0}) {
      words_.pop_front();
      first_index_ += word_bits;
    }
  }

  std::uint64_t counted() const noexcept { return counted_; }

  /// The mark: every line up to it is settled.
  std::uint64_t mark() const noexcept {
    if (words_.empty()) return first_index_;
    return first_index_ + static_cast<std::uint64_t>(std::countr_one(words_.front()));
  }
  bool all_settled() const noexcept { return mark() == counted_; }

  /// The mark, when it has moved since it was last taken.
  std::optional<std::uint64_t> take_cumulative() noexcept {
    const std::uint64_t now = mark();
    if (now == taken_) return std::nullopt;
    taken_ = now;
    return now;
  }

 private:
  static constexpr std::uint64_t word_bits = 64;

  std::deque<std::uint64_t> words_;
  std::uint64_t first_index_ = 0;  // of the first word's first line, counted from 0
  std::uint64_t counted_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace vibes::ingest
