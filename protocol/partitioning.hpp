#pragma once

#include <string_view>

#include "protocol/types.hpp"

namespace vibes::protocol {

/// XXH32, seed 0, over the key's raw bytes, as servers and SDKs hash a messages key
/// (docs/wire.md, "Partitioning").
session_hash hash_session(std::string_view key) noexcept;

/// Index into the topic's sorted partition ids. `partitions_count` is at least 1. In the 1-based
/// generations (0.4, 0.5) remainder 0 means the last id.
std::size_t partition_index(session_hash, std::size_t partitions_count, generation) noexcept;

}  // namespace vibes::protocol
