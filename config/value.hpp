#pragma once

#include <string>

#include "config/keys.hpp"

namespace vibes::config {

/// Sets the key from text, as an environment variable carries it (lists separated by commas), and
/// gives what is wrong with it, or nothing. Shared with the file's values once those have the right
/// type.
std::string set_from_text(const key_binding&, const std::string& text);

std::string set_integer(const integer_key&, std::int64_t value);
std::string set_text(const text_key&, const std::string& value);
std::string set_list(const list_key&, std::vector<std::string> values);
std::string set_choice(const choice_key&, const std::string& value);

}  // namespace vibes::config
