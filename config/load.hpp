#pragma once

#include <map>
#include <optional>
#include <string>

#include "config/diagnostic.hpp"
#include "config/settings.hpp"
#include "config/toml_file.hpp"

namespace vibes::config {

inline constexpr const char* default_path = "/etc/vibes-ingestd/vibes-ingestd.toml";

/// Everything the settings come from. Tests pass texts; the program reads files and its
/// environment.
struct load_sources {
  std::string file_name = default_path;
  std::optional<std::string> file_text;            // nothing: all defaults
  std::map<std::string, std::string> environment;  // whole; only VIBES_INGESTD_* matters
  /// Reads a secret's file: its text, or nothing and why.
  struct secret_text {
    std::optional<std::string> text;
    std::string error;
    bool missing = false;  // there is no such file
  };
  secret_text (*read_secret)(const std::string& path) = nullptr;
};

struct load_result {
  config::settings settings;
  key_positions positions;  // of those that were set; the others have their defaults
  diagnostics mistakes;     // every one; the settings are only meant to be used when there is none

  bool ok() const noexcept { return mistakes.empty(); }
};

/// File, then environment, then secrets, then what must fit together. Never throws, never logs.
load_result load(const load_sources&);

/// Gathers the sources of this process: the file at `path` (a missing one is only a mistake when it
/// was named by the user), the environment, and systemd's credentials.
struct read_sources_result {
  load_sources sources;
  std::optional<diagnostic> mistake;
};
read_sources_result read_sources(const std::string& path, bool named_by_user);

/// The settings as TOML, for people: secrets are shown by where they come from.
std::string describe(settings&);

}  // namespace vibes::config
