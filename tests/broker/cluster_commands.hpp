#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vibes::broker {

class server;

using words = std::vector<std::string_view>;

/// A whole word that is a number, and nothing else.
std::optional<std::uint64_t> read_number(std::string_view word);

/// Obeys what concerns nodes, sessions and partitions of the VSR generations; nothing when it is
/// not one of these commands.
std::optional<std::string> obey_for_cluster(server& of, const words& said);

}  // namespace vibes::broker
