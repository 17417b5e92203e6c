#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// How far the texts are believed that a server tells of itself (docs/wire.md, "Texts of a
/// server"): they reach logs, status and other protocols.
namespace vibes::protocol {

inline constexpr std::size_t version_bytes_max = 64;
inline constexpr std::size_t name_bytes_max = 255;

/// The version, or nothing when it is not 1 to 64 printable ASCII characters: as of a server that
/// does not say.
std::string believable_version(std::string told);

/// The name of a host, a node or a cluster, or nothing when it has more than 255 bytes.
std::string believable_name(std::string told);

/// Whether one could connect there: nothing, or an address or host name of at most 255 characters.
bool is_node_address(std::string_view told) noexcept;

}  // namespace vibes::protocol
