#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/keys.hpp"
#include "config/load.hpp"

namespace vibes::test {

using lines = std::vector<std::string>;
using variables = std::map<std::string, std::string>;

inline config::load_result load_text(const std::string& text, const variables& environment = {}) {
  config::load_sources from;
  from.file_name = "f.toml";
  from.file_text = text;
  from.environment = environment;
  return config::load(from);
}

inline lines texts_of(const config::diagnostics& mistakes) {
  lines texts;
  for (const config::diagnostic& each : mistakes) texts.push_back(each.text());
  return texts;
}

inline lines mistakes_of(const std::string& text, const variables& environment = {}) {
  return texts_of(load_text(text, environment).mistakes);
}

/// "[section] name = value" of every key.
inline lines values_of(config::settings settings) {
  lines values;
  for (const config::key_binding& each : config::bind_keys(settings)) {
    values.push_back(each.path() + " = " + each.current_text());
  }
  return values;
}

/// Those of the values that are not the default.
inline lines changes_in(const config::settings& settings) {
  const lines defaults = values_of({});
  const lines values = values_of(settings);
  lines changes;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != defaults[i]) changes.push_back(values[i]);
  }
  return changes;
}

}  // namespace vibes::test
