#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/unit/link/report_oracle.hpp"

namespace vibes::test {

/// Reads little-endian numbers and texts; running over the end is a broken promise of the writer.
class byte_cursor {
 public:
  explicit byte_cursor(std::string_view from) : rest_(from) {}

  std::string_view take(std::size_t size) {
    promise(size <= rest_.size(), "a request ends in the middle of a field");
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    std::size_t shift = 0;
    for (const char each : take(size)) {
      value |= std::uint64_t{static_cast<unsigned char>(each)} << shift;
      shift += 8;
    }
    return value;
  }
  std::string name() {
    promise(number(1) == 2, "streams and topics are named, not numbered");
    return std::string(take(number(1)));
  }
  std::size_t remaining() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

/// The number of `size` bytes at a fixed place.
inline std::uint64_t number_in(std::string_view bytes, std::size_t at, std::size_t size) {
  promise(at <= bytes.size(), "a frame is too short");
  return byte_cursor(bytes.substr(at)).number(size);
}

}  // namespace vibes::test
