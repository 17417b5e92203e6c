#pragma once

#include <array>
#include <cstdint>
#include <deque>

#include "daemon/base/assert.hpp"
#include "protocol/codec.hpp"

namespace vibes::link {

/// Encoded frames on their way into the socket. Pieces stay where they are until they are written
/// or cleared, so a driver may hold spans of them over an asynchronous write. A piece's memory is
/// kept for the next batch: a megabyte that is given back after every send costs its page faults
/// again.
class frame_output {
 public:
  static constexpr std::size_t gather_max = 16;
  using spans = std::array<protocol::const_bytes, gather_max>;

  /// An empty buffer to encode into, reused where possible.
  protocol::byte_vector take_buffer() {
    if (spare_.empty()) return {};
    protocol::byte_vector taken = std::move(spare_.back());
    spare_.pop_back();
    return taken;
  }

  void push(protocol::byte_vector&& piece) {
    if (piece.empty()) return;
    pushed_ += piece.size();
    pieces_.push_back(std::move(piece));
  }

  bool empty() const noexcept { return pieces_.empty(); }

  /// All bytes since clear(), and those of them that were written.
  std::uint64_t pushed_total() const noexcept { return pushed_; }
  std::uint64_t written_total() const noexcept { return written_total_; }

  /// The unwritten bytes, first to last, as at most gather_max spans; returns how many.
  std::size_t gather(spans& into) const noexcept {
    std::size_t count = 0;
    for (const protocol::byte_vector& piece : pieces_) {
      if (count == gather_max) break;
      into[count] = protocol::const_bytes(piece).subspan(count == 0 ? written_ : 0);
      ++count;
    }
    return count;
  }

  void wrote(std::size_t bytes) {
    written_ += bytes;
    written_total_ += bytes;
    while (!pieces_.empty() && written_ >= pieces_.front().size()) {
      written_ -= pieces_.front().size();
      keep(std::move(pieces_.front()));
      pieces_.pop_front();
    }
    VIBES_ASSERT(!pieces_.empty() || written_ == 0);
  }

  void clear() noexcept {
    pieces_.clear();
    spare_.clear();
    written_ = 0;
    pushed_ = written_total_ = 0;
  }

 private:
  static constexpr std::size_t spare_max = 4;

  void keep(protocol::byte_vector&& piece) {
    if (spare_.size() == spare_max) return;
    piece.clear();
    spare_.push_back(std::move(piece));
  }

  std::deque<protocol::byte_vector> pieces_;
  std::vector<protocol::byte_vector> spare_;
  std::size_t written_ = 0;  // of the first piece
  std::uint64_t pushed_ = 0;
  std::uint64_t written_total_ = 0;
};

}  // namespace vibes::link
