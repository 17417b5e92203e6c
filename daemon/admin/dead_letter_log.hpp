#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "daemon/base/result.hpp"
#include "daemon/base/time.hpp"

// What decides about the dead letter file, apart from what is in it (dead_letter.hpp) and from the
// disk (daemon/io/admin/dead_letter_file.hpp).

namespace vibes::admin {

/// The file and its predecessor, PATH.1.
struct dead_letter_sizes {
  std::uint64_t current = 0;
  std::uint64_t old = 0;
};

enum class dead_letter_step : std::uint8_t {
  append,
  rotate,       // the file becomes PATH.1; what was there is lost
  discard_old,  // PATH.1 goes: it alone leaves no room (bytes_max was made smaller)
};

/// Each file may take half of bytes_max; both together never more than bytes_max after an append.
/// adding_bytes is at most half of bytes_max. Every rotate or discard comes nearer to an append.
constexpr dead_letter_step next_dead_letter_step(const dead_letter_sizes& at,
                                                 std::uint64_t adding_bytes,
                                                 std::uint64_t bytes_max) noexcept {
  if (at.current > 0 && at.current + adding_bytes > bytes_max / 2) return dead_letter_step::rotate;
  if (at.current + at.old + adding_bytes > bytes_max) return dead_letter_step::discard_old;
  return dead_letter_step::append;
}

/// The lines that wait for the disk, bounded: a line that does not fit is dropped and counted. One
/// line always fits, whatever its size. Lines that were taken out to be written count until then.
class dead_letter_buffer {
 public:
  explicit dead_letter_buffer(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  bool fits(std::size_t bytes) const noexcept {
    return held_bytes_ == 0 || held_bytes_ + bytes <= bytes_max_;
  }
  void add(std::string line) {
    if (!fits(line.size())) return drop();
    held_bytes_ += line.size();
    waiting_.push_back(std::move(line));
  }
  /// A line that was not even made, because it could not fit.
  void drop() noexcept { ++dropped_; }

  bool empty() const noexcept { return waiting_.empty(); }
  std::deque<std::string> take() { return std::exchange(waiting_, {}); }
  void written(std::size_t bytes) noexcept { held_bytes_ -= bytes; }

  std::size_t held_bytes() const noexcept { return held_bytes_; }
  std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  std::size_t bytes_max_;
  std::deque<std::string> waiting_;
  std::size_t held_bytes_ = 0;
  std::uint64_t dropped_ = 0;
};

/// How the dead letter file is, for status. Counts since the start.
struct dead_letter_report {
  std::string path;
  std::uint64_t entries = 0;          // written
  std::uint64_t bytes = 0;            // of both files, as last seen
  std::uint64_t dropped_entries = 0;  // never written: the disk refused for too long
  std::uint64_t rotated_entries = 0;  // written, and gone with an old file
  bool failing = false;               // the last attempt to write failed
  error_code last_error;
  std::optional<time_point> last_error_at;
};

}  // namespace vibes::admin
