#include "config/secrets.hpp"

#include <utility>

namespace vibes::config {
namespace {

struct secret_kind {
  std::string credential;
  std::string file_key;
  std::size_t bytes_min;
  std::size_t bytes_max;
};

/// Taking the right away from others alone may leave the daemon without it.
constexpr const char* how_to_close =
    "let only the daemon's user or group read it (chgrp, then chmod 640)";

class secret_finder {
 public:
  secret_finder(const load_sources& from, const key_positions& positions, load_result& to)
      : from_(from), positions_(positions), to_(to) {}

  /// Fills both, or neither.
  void find(const secret_kind& kind, const std::string& file, std::string& secret,
            std::string& source) {
    if (from_.read_secret == nullptr) return;
    const auto directory = from_.environment.find("CREDENTIALS_DIRECTORY");
    if (directory != from_.environment.end()) {
      auto got = from_.read_secret(directory->second + "/" + kind.credential);
      if (got.text) {
        return take(kind, *got.text, "the systemd credential " + kind.credential, secret, source);
      }
      if (!got.missing) {
        return mistake(kind,
                       "cannot read the systemd credential " + kind.credential + ": " + got.error);
      }
    }
    if (file.empty()) return;
    auto got = from_.read_secret(file);
    if (!got.text) return mistake(kind, "cannot read " + file + ": " + got.error);
    take(kind, *got.text, file, secret, source);
    if (got.for_others) {
      warn(kind.file_key, "everybody may read " + file + ": " + how_to_close);
    }
  }

  /// A password in the settings, used or not.
  void check_inline_password() {
    const std::string key = "[iggy] password";
    const auto set = positions_.find(key);
    const bool is_in_file = set != positions_.end() && set->second.source == from_.file_name;
    if (!is_in_file || !from_.file_for_others) return;
    warn(key, std::string(
                  "everybody may read this file: put the password into password_file or a systemd "
                  "credential, or ") +
                  how_to_close);
  }

 private:
  void take(const secret_kind& kind, std::string text, const std::string& where,
            std::string& secret, std::string& source) {
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    if (text.size() < kind.bytes_min || text.size() > kind.bytes_max) {
      return mistake(kind, "what " + where + " holds must have " + std::to_string(kind.bytes_min) +
                               " to " + std::to_string(kind.bytes_max) + " bytes, not " +
                               std::to_string(text.size()));
    }
    secret = std::move(text);
    source = where;
  }

  void mistake(const secret_kind& kind, const std::string& message) {
    to_.mistakes.push_back(at(kind.file_key, message));
  }
  void warn(const std::string& key, const std::string& message) {
    to_.warnings.push_back(at(key, message));
  }
  diagnostic at(const std::string& key, const std::string& message) const {
    diagnostic where{from_.file_name, 0, 0, {}};
    if (const auto found = positions_.find(key); found != positions_.end()) where = found->second;
    where.message = key + ": " + message;
    return where;
  }

  const load_sources& from_;
  const key_positions& positions_;
  load_result& to_;
};

}  // namespace

void resolve_secrets(const load_sources& from, const key_positions& positions, load_result& to) {
  secret_finder finder(from, positions, to);
  const iggy_settings& iggy = to.settings.iggy;
  secrets& found = to.settings.secrets;
  found.password = iggy.password;
  found.password_source = positions.contains(std::string_view("[iggy] password"))
                              ? "[iggy] password"
                              : "the default of [iggy] password";
  finder.find({"iggy-password", "[iggy] password_file", 3, 100}, iggy.password_file, found.password,
              found.password_source);
  finder.find({"iggy-token", "[iggy] token_file", 1, 100}, iggy.token_file, found.token,
              found.token_source);
  finder.check_inline_password();
}

}  // namespace vibes::config
