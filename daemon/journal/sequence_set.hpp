#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace vibes::journal {

/// Consecutive sequences, both ends included.
struct sequence_range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  friend bool operator==(const sequence_range&, const sequence_range&) = default;
};

/// A set of sequences as ascending ranges that do not touch: 16 bytes a range, however many
/// sequences that is. Sequences are 1 to sequence_max.
class sequence_set {
 public:
  sequence_set() = default;
  explicit sequence_set(sequence_range range) { add(range); }

  /// Fast at the end, linear in the ranges behind it elsewhere.
  void add(sequence_range);
  void add(std::uint64_t sequence) { add({sequence, sequence}); }
  /// Linear in the other's ranges and in those of this set that are among them.
  void unite(const sequence_set&);
  void subtract(const sequence_set&);
  void clear() noexcept { *this = {}; }

  bool contains(std::uint64_t sequence) const noexcept;
  bool intersects(const sequence_set&) const noexcept;
  sequence_set intersection(const sequence_set&) const;
  /// What is missing in [1, end).
  sequence_set complement_below(std::uint64_t end) const;
  /// The smallest member that is at least this.
  std::optional<std::uint64_t> next(std::uint64_t at_least) const noexcept;

  bool empty() const noexcept { return ranges_.empty(); }
  std::uint64_t count() const noexcept { return count_; }
  /// Of a set that is not empty.
  std::uint64_t first() const noexcept { return ranges_.front().first; }
  std::uint64_t last() const noexcept { return ranges_.back().last; }
  const std::vector<sequence_range>& ranges() const noexcept { return ranges_; }

  friend bool operator==(const sequence_set& a, const sequence_set& b) noexcept {
    return a.ranges_ == b.ranges_;
  }

 private:
  std::vector<sequence_range>::const_iterator range_at(std::uint64_t at_least) const noexcept;
  void append(sequence_range);
  void replace(std::ptrdiff_t begin, std::ptrdiff_t end, sequence_set&& by);

  std::vector<sequence_range> ranges_;
  std::uint64_t count_ = 0;
};

/// So that one more never overflows.
inline constexpr std::uint64_t sequence_max = ~std::uint64_t{0} >> 1;

}  // namespace vibes::journal
