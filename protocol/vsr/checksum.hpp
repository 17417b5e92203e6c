#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "protocol/codec.hpp"

namespace vibes::protocol::vsr {

/// XXH3 of 64 bits, seed 0: of bodies, frames and batches (docs/wire.md, "Batches").
inline std::uint64_t checksum_of(const_bytes what) noexcept {
  return XXH3_64bits(what.data(), what.size());
}

/// The same over what comes piece by piece.
class running_checksum {
 public:
  running_checksum() noexcept { XXH3_64bits_reset(&state_); }
  void add(const std::byte* from, std::size_t size) noexcept {
    XXH3_64bits_update(&state_, from, size);
  }
  std::uint64_t value() const noexcept { return XXH3_64bits_digest(&state_); }

 private:
  XXH3_state_t state_;
};

}  // namespace vibes::protocol::vsr
