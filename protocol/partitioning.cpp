#include "protocol/partitioning.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace vibes::protocol {

session_hash hash_session(std::string_view key) noexcept {
  return XXH32(key.data(), key.size(), 0);
}

std::size_t partition_index(session_hash hash, std::size_t partitions_count,
                            generation gen) noexcept {
  const std::size_t remainder = hash % partitions_count;
  const bool one_based = gen == generation::iggy_0_4 || gen == generation::iggy_0_5;
  if (!one_based) return remainder;
  // Numbered from 1, remainder r is id r, and the id 0 that does not exist is the last one.
  return remainder == 0 ? partitions_count - 1 : remainder - 1;
}

}  // namespace vibes::protocol
