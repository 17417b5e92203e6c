#pragma once

#include <array>

#include "protocol/types.hpp"

namespace vibes::protocol {

/// The number by which a reply names its request: counts up within a session, from 1.
using request_number = std::uint64_t;

/// What a client is to a server of 0.9 or later (docs/wire.md, "Sessions"). In 0.9 it ends with its
/// connection. In 0.10 it outlives connections and may be on several at once, so it is shared by
/// those who write on them: request numbers never restart within it.
struct session {
  message_id client;                        // chosen at random, never zero
  std::array<std::byte, 32> bind_secret{};  // 0.10: proves on a new connection who we are
  std::uint32_t protocol_version = 0;       // packed, as logged in with
  std::uint64_t id = 0;                     // the server's number for it; 0 before the login
  std::uint64_t metadata_position = 0;      // the newest change of topology that a reply told of
  request_number last_number = 0;

  request_number next_number() noexcept { return ++last_number; }
};

/// major * 2^20 + minor * 2^10 + patch (docs/wire.md, "Protocol versions").
constexpr std::uint32_t packed_version(std::uint32_t major, std::uint32_t minor,
                                       std::uint32_t patch) noexcept {
  return (major << 20) | (minor << 10) | patch;
}
inline constexpr std::uint32_t protocol_0_11 = packed_version(0, 11, 0);
inline constexpr std::uint32_t protocol_0_12 = packed_version(0, 12, 0);

}  // namespace vibes::protocol
