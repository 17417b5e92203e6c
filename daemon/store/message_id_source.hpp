#pragma once

#include <cstdint>
#include <random>

#include "protocol/types.hpp"

namespace vibes::store {

/// Fresh UUIDv7 message ids (RFC 9562) for events that bring none: 48 bits of Unix milliseconds, 12
/// bits that count within a millisecond, 62 random bits. Ids of one source never go down, and
/// differ from those of any other source with overwhelming likelihood. The caller brings time and
/// seed.
class message_id_source {
 public:
  explicit message_id_source(std::uint64_t seed) : random_(seed) {}

  protocol::message_id next(std::uint64_t unix_ms) noexcept {
    if (unix_ms > last_ms_) {
      last_ms_ = unix_ms;
      counter_ = 0;
    } else if (++counter_ == counter_end) {
      // More than 4096 in a millisecond, or the clock went back: borrow from the next one.
      ++last_ms_;
      counter_ = 0;
    }
    constexpr std::uint64_t version = 0x7000;
    constexpr std::uint64_t variant = 0x8000'0000'0000'0000;
    constexpr std::uint64_t random_bits = 0x3fff'ffff'ffff'ffff;
    return {(last_ms_ << 16) | version | counter_, variant | (random_() & random_bits)};
  }

 private:
  static constexpr std::uint32_t counter_end = 4'096;

  std::mt19937_64 random_;
  std::uint64_t last_ms_ = 0;
  std::uint32_t counter_ = 0;
};

}  // namespace vibes::store
