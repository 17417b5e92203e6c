#pragma once

#include <map>
#include <optional>
#include <string>

#include "config/diagnostic.hpp"
#include "config/places.hpp"
#include "config/settings.hpp"
#include "config/toml_file.hpp"

namespace vibes::config {

/// Everything the settings come from. Tests pass texts; the program reads files and its
/// environment.
struct load_sources {
  std::string file_name = default_path;
  std::optional<std::string> file_text;  // nothing: all defaults
  bool file_for_others = false;          // its mode lets everybody read it
  places defaults = system_places();
  bool is_root = false;
  std::map<std::string, std::string> environment;  // whole; only VIBES_INGESTD_* matters
  /// Reads a secret's file. Null: nobody wants the secrets, and none is looked for.
  using secret_text = config::file_text;
  secret_text (*read_secret)(const std::string& path) = nullptr;
};

struct load_result {
  config::settings settings;
  key_positions positions;  // of those that were set; the others have their defaults
  diagnostics mistakes;     // every one; the settings are only meant to be used when there is none
  diagnostics warnings;     // also in the settings, as text

  bool ok() const noexcept { return mistakes.empty(); }
};

/// File, then environment, then secrets, then what must fit together. Never throws, never logs.
load_result load(const load_sources&);

/// Gathers the sources of this process: the file that was chosen, the environment, and systemd's
/// credentials. `note` is about a file that is left out because it need not be readable.
struct read_sources_result {
  load_sources sources;
  std::optional<diagnostic> mistake;
  std::string note;
};
read_sources_result read_sources(const settings_choice&, const surroundings&);

/// The settings as TOML, for people: secrets are shown by where they come from.
std::string describe(settings&);

}  // namespace vibes::config
