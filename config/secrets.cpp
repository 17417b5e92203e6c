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

class secret_finder {
 public:
  secret_finder(const load_sources& from, const key_positions& positions, diagnostics& mistakes)
      : from_(from), positions_(positions), mistakes_(mistakes) {}

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

  void mistake(const secret_kind& kind, std::string message) {
    diagnostic where{from_.file_name, 0, 0, {}};
    if (const auto found = positions_.find(kind.file_key); found != positions_.end()) {
      where = found->second;
    }
    where.message = kind.file_key + ": " + std::move(message);
    mistakes_.push_back(std::move(where));
  }

  const load_sources& from_;
  const key_positions& positions_;
  diagnostics& mistakes_;
};

}  // namespace

void resolve_secrets(const load_sources& from, const key_positions& positions, settings& to,
                     diagnostics& mistakes) {
  secret_finder finder(from, positions, mistakes);
  to.secrets.password = to.iggy.password;
  to.secrets.password_source = "[iggy] password";
  finder.find({"iggy-password", "[iggy] password_file", 3, 100}, to.iggy.password_file,
              to.secrets.password, to.secrets.password_source);
  finder.find({"iggy-token", "[iggy] token_file", 1, 100}, to.iggy.token_file, to.secrets.token,
              to.secrets.token_source);
}

}  // namespace vibes::config
