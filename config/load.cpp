#include "config/load.hpp"

#include <algorithm>

#include "config/keys.hpp"
#include "config/nearest.hpp"
#include "config/secrets.hpp"
#include "config/toml_file.hpp"
#include "config/value.hpp"

namespace vibes::config {
namespace {

constexpr std::string_view environment_prefix = "VIBES_INGESTD_";
// Names the file itself: the one variable under the prefix that is not a key.
constexpr std::string_view config_variable = "VIBES_INGESTD_CONFIG";

/// Whether the first word behind the prefix is that of a section.
bool is_in_a_section(std::string_view name, const std::vector<key_binding>& keys) {
  const auto first_word = [](std::string_view variable) {
    variable.remove_prefix(environment_prefix.size());
    return variable.substr(0, variable.find('_'));
  };
  return std::ranges::any_of(keys, [&](const key_binding& each) {
    return first_word(each.environment_variable()) == first_word(name);
  });
}

void apply_environment(const load_sources& from, const std::vector<key_binding>& keys,
                       diagnostics& mistakes, diagnostics& warnings, key_positions& positions) {
  std::vector<std::string> known;
  known.reserve(keys.size());
  for (const key_binding& each : keys) known.push_back(each.environment_variable());
  for (const auto& [name, value] : from.environment) {
    if (!name.starts_with(environment_prefix) || name == config_variable) continue;
    const diagnostic here{"environment " + name, 0, 0, {}};
    const auto found = std::ranges::find(known, name);
    if (found == known.end()) {
      // Kubernetes sets VIBES_INGESTD_SERVICE_HOST and others beside a service of this name.
      diagnostics& to = is_in_a_section(name, keys) ? mistakes : warnings;
      to.push_back({here.source, 0, 0, "no such setting" + did_you_mean(name, known)});
      continue;
    }
    const key_binding& key = keys[static_cast<std::size_t>(found - known.begin())];
    positions[key.path()] = here;
    const std::string wrong = set_from_text(key, value);
    if (!wrong.empty()) mistakes.push_back({here.source, 0, 0, key.path() + ": " + wrong});
  }
}

/// Rules between keys; each mistake is shown where one of its keys was set.
class cross_checks {
 public:
  cross_checks(const std::string& file_name, const key_positions& positions, diagnostics& mistakes)
      : file_name_(file_name), positions_(positions), mistakes_(mistakes) {}

  void require(bool holds, std::initializer_list<std::string_view> keys, std::string message) {
    if (holds) return;
    diagnostic mistake{file_name_, 0, 0, {}};
    for (const std::string_view key : keys) {
      if (const auto found = positions_.find(key); found != positions_.end())
        mistake = found->second;
    }
    mistake.message = std::string(*keys.begin()) + ": " + std::move(message);
    mistakes_.push_back(std::move(mistake));
  }

 private:
  const std::string& file_name_;
  const key_positions& positions_;
  diagnostics& mistakes_;
};

void check_together(const settings& got, cross_checks&& check) {
  check.require(got.iggy.backoff_min_ms <= got.iggy.backoff_max_ms,
                {"[iggy] backoff_max_ms", "[iggy] backoff_min_ms"},
                "must not be less than backoff_min_ms");
  // In flight takes at most half of the queue, so an event must fit into half of it.
  check.require(got.queue.bytes_max >= 2 * (got.socket.max_event_bytes + 256),
                {"[queue] bytes_max", "[socket] max_event_bytes"},
                "must hold at least two events of [socket] max_event_bytes (" +
                    std::to_string(2 * (got.socket.max_event_bytes + 256)) + ")");
  check.require(got.socket.partial_lines_bytes_max >= got.socket.max_event_bytes,
                {"[socket] partial_lines_bytes_max", "[socket] max_event_bytes"},
                "must not be less than max_event_bytes");
  // An event's JSON grows by escapes to twice its size at most, and needs a frame.
  check.require(got.dead_letter.path.empty() ||
                    got.dead_letter.bytes_max >= 4 * (got.socket.max_event_bytes + 1'024),
                {"[dead_letter] bytes_max", "[socket] max_event_bytes"},
                "must hold an event of [socket] max_event_bytes in half of it (" +
                    std::to_string(4 * (got.socket.max_event_bytes + 1'024)) + ")");
  check.require(got.journal.bytes_max >= 4 * (got.socket.max_event_bytes + 4'096),
                {"[journal] bytes_max", "[socket] max_event_bytes"},
                "must hold at least four events of [socket] max_event_bytes (" +
                    std::to_string(4 * (got.socket.max_event_bytes + 4'096)) + ")");
  check.require(got.socket.path != got.admin.socket, {"[admin] socket", "[socket] path"},
                "must not be the events' own socket");
}

/// "auto" is a directory of the journal's own in the one that systemd keeps for the service, or in
/// the user's.
std::string journal_directory(const journal_settings& journal, const load_sources& from) {
  if (journal.directory != "auto") return journal.directory;
  std::string state = from.defaults.state_directory;
  if (const auto kept = from.environment.find("STATE_DIRECTORY"); kept != from.environment.end()) {
    state = kept->second.substr(0, kept->second.find(':'));
  }
  return state.starts_with('/') ? state + "/journal" : std::string();
}

/// Directories of somebody else's choice have to be there, so that nothing is made in a wrong
/// place.
std::vector<directory_to_make> directories_of(const settings& got, const load_sources& from) {
  const auto is_in = [](const std::string& path, const std::string& directory) {
    return path.substr(0, path.rfind('/')) == directory;
  };
  const places& at = from.defaults;
  std::vector<directory_to_make> made;
  // systemd makes those of its services; root may start the daemon by hand.
  const bool has_sockets =
      is_in(got.socket.path, at.socket_directory) || is_in(got.admin.socket, at.socket_directory);
  if (has_sockets && at.is_users) made.push_back({at.socket_directory, 0700});
  if (has_sockets && !at.is_users && from.is_root) made.push_back({at.socket_directory, 0755});
  if (at.is_users && is_in(got.journal.resolved_directory, at.state_directory)) {
    made.push_back({at.state_directory, 0700});
  }
  return made;
}

/// Of a user's hand or root's; the service has its state directory from systemd.
std::string without_journal(const journal_settings& journal) {
  if (journal.directory != "auto") return "\n# has no journal: what is queued is in memory only";
  return "\n# has no journal when it is started like this; as a service it has one in its state "
         "directory";
}

}  // namespace

std::string diagnostic::place() const {
  if (line == 0) return source;
  return source + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string diagnostic::text() const {
  return place() + ": error: " + message;
}

std::string diagnostic::warning_text() const {
  return place() + ": warning: " + message;
}

load_result load(const load_sources& from) {
  load_result loaded;
  loaded.settings.socket.path = from.defaults.events_socket();
  loaded.settings.admin.socket = from.defaults.admin_socket();
  const std::vector<key_binding> keys = bind_keys(loaded.settings);
  key_positions& positions = loaded.positions;
  if (from.file_text) {
    apply_file(from.file_name, *from.file_text, keys, loaded.mistakes, positions);
  }
  apply_environment(from, keys, loaded.mistakes, loaded.warnings, positions);
  loaded.settings.journal.resolved_directory = journal_directory(loaded.settings.journal, from);
  loaded.settings.directories = directories_of(loaded.settings, from);
  check_together(loaded.settings, {from.file_name, positions, loaded.mistakes});
  resolve_secrets(from, positions, loaded);
  for (const diagnostic& each : loaded.warnings) {
    loaded.settings.warnings.push_back(each.warning_text());
  }
  return loaded;
}

std::string describe(settings& shown) {
  std::string out;
  std::string_view section;
  for (const key_binding& each : bind_keys(shown)) {
    if (each.section != section) {
      out += (section.empty() ? "[" : "\n[") + std::string(each.section) + "]\n";
      section = each.section;
    }
    const bool secret = each.section == "iggy" && each.name == "password";
    out += std::string(each.name) + " = " + (secret ? "(not shown)" : each.current_text()) + "\n";
  }
  out += shown.journal.resolved_directory.empty()
             ? without_journal(shown.journal)
             : "\n# keeps its journal in " + shown.journal.resolved_directory;
  out +=
      "\n# logs in with " +
      (shown.secrets.token.empty() ? "username and password from " + shown.secrets.password_source
                                   : "the token from " + shown.secrets.token_source) +
      "\n";
  return out;
}

}  // namespace vibes::config
