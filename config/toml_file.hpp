#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/diagnostic.hpp"
#include "config/keys.hpp"

namespace vibes::config {

/// Where each key was set, for mistakes that are found later.
using key_positions = std::map<std::string, diagnostic, std::less<>>;  // by key_binding::path()

/// How the message begins of a mistake after which nothing of the file is known.
inline constexpr std::string_view not_toml = "not valid TOML: ";

/// Applies a file's text to the bound keys. Appends every mistake and notes every position.
void apply_file(const std::string& file_name, const std::string& text,
                const std::vector<key_binding>& keys, diagnostics& mistakes,
                key_positions& positions);

}  // namespace vibes::config
