#include "config/places.hpp"

#include <algorithm>

#include "config/keys.hpp"
#include "config/toml_file.hpp"
#include "config/value.hpp"

namespace vibes::config {
namespace {

/// The directory that a variable names, else one below the user's home; nothing without either.
std::optional<std::string> directory_of(const surroundings& in, const char* variable,
                                        const char* below_coordinator) {
  // A relative path in one of these is to be ignored (XDG Base Directory Specification).
  const auto absolute = [&](const char* name) -> std::optional<std::string> {
    const auto found = in.environment.find(name);
    if (found == in.environment.end() || !found->second.starts_with('/')) return std::nullopt;
    return found->second;
  };
  if (std::optional<std::string> named = absolute(variable)) return named;
  if (*below_coordinator == '\0') return std::nullopt;
  const std::optional<std::string> home = absolute("HOME");
  return home ? std::optional(*home + below_coordinator) : std::nullopt;
}

key_binding binding_of(settings& to, socket_kind which) {
  const std::string_view section = which == socket_kind::events ? "socket" : "admin";
  const std::string_view name = which == socket_kind::events ? "path" : "socket";
  std::vector<key_binding> keys = bind_keys(to);
  return *std::ranges::find_if(
      keys, [&](const key_binding& each) { return each.section == section && each.name == name; });
}

/// What one file says of one socket. Other keys may be wrong: whoever only looks for the socket
/// must find the daemon that runs with an older state of the file.
struct socket_in_file {
  std::optional<std::string> path;
  diagnostics mistakes;  // that hide the path
};

socket_in_file look_up(const std::string& file, const std::string& text, socket_kind which) {
  settings read;
  const key_binding key = binding_of(read, which);
  key_positions positions;
  diagnostics mistakes;
  apply_file(file, text, bind_keys(read), mistakes, positions);
  socket_in_file found;
  for (const diagnostic& each : mistakes) {
    const bool hides =
        each.message.starts_with(key.path() + ":") || each.message.starts_with(not_toml);
    if (hides) found.mistakes.push_back(each);
  }
  const bool is_set = positions.contains(key.path()) && found.mistakes.empty();
  if (is_set) found.path = which == socket_kind::events ? read.socket.path : read.admin.socket;
  return found;
}

class socket_search {
 public:
  socket_search(socket_kind which, const surroundings& in) : which_(which), in_(in) {}

  socket_choice run(const std::string& named, const config_file_option& config) {
    if (!named.empty()) return {named, "named on the command line", {}, {}};
    if (in_environment() || (config.named_by_user && in_named_file(config.path))) return found_;
    const bool files_count = !config.named_by_user;
    const std::optional<places> own = users_places(in_);
    if (own && usual(*own, files_count, "your own daemon") && in_.is_socket(found_.path)) {
      return found_;
    }
    std::string whose = "the system's daemon";
    if (own) whose += "; your own is not there: " + found_.path;
    usual(system_places(), files_count, std::move(whose));
    return found_;
  }

 private:
  /// True when the search has ended.
  bool in_environment() {
    settings read;
    const key_binding key = binding_of(read, which_);
    const std::string variable = key.environment_variable();
    const auto set = in_.environment.find(variable);
    if (set == in_.environment.end()) return false;
    found_.path = set->second;
    found_.whose = "named by " + variable;
    const std::string wrong = set_from_text(key, set->second);
    if (!wrong.empty()) {
      found_.mistakes.push_back({"environment " + variable, 0, 0, key.path() + ": " + wrong});
    }
    return true;
  }

  bool in_named_file(const std::string& file) {
    const file_text got = in_.read_file(file);
    if (!got.text) {
      found_.mistakes.push_back({file, 0, 0, "cannot read the configuration: " + got.error});
      return true;
    }
    socket_in_file set = look_up(file, *got.text, which_);
    found_.mistakes = std::move(set.mistakes);
    if (!set.path) return !found_.mistakes.empty();
    found_.path = *set.path;
    found_.whose = "named by " + file;
    return true;
  }

  /// What the file at a usual place says, else the default. Always true.
  bool usual(const places& at, bool file_counts, std::string whose) {
    found_.path = which_ == socket_kind::events ? at.events_socket() : at.admin_socket();
    found_.whose = std::move(whose);
    if (!file_counts) return true;
    const file_text got = in_.read_file(at.settings_file);
    if (!got.text) {
      if (!got.missing) {
        found_.notes.push_back("cannot read " + at.settings_file + ": " + got.error +
                               ": its default is used");
      }
      return true;
    }
    const socket_in_file set = look_up(at.settings_file, *got.text, which_);
    if (set.path) found_.path = *set.path;
    for (const diagnostic& each : set.mistakes) {
      found_.notes.push_back(each.text() + ": the default is used");
    }
    return true;
  }

  socket_kind which_;
  const surroundings& in_;
  socket_choice found_;
};

/// Whether this user has a daemon, running or not.
bool are_in_use(const places& own, const surroundings& in) {
  return in.exists(own.settings_file) || in.is_socket(own.events_socket()) ||
         in.exists(own.state_directory + "/journal");
}

}  // namespace

places system_places() {
  return {default_path, "/run/vibes-ingestd", {}, false};
}

std::optional<places> users_places(const surroundings& in) {
  if (in.is_root) return std::nullopt;
  const auto runtime = directory_of(in, "XDG_RUNTIME_DIR", "");
  const auto state = directory_of(in, "XDG_STATE_HOME", "/.local/state");
  const auto settings = directory_of(in, "XDG_CONFIG_HOME", "/.config");
  if (!runtime || !state || !settings) return std::nullopt;
  // The user's service manager has its RuntimeDirectory= in the session's.
  const auto service = in.environment.find("RUNTIME_DIRECTORY");
  if (service != in.environment.end() && !service->second.starts_with(*runtime + "/")) {
    return std::nullopt;
  }
  return places{*settings + "/vibes-ingestd/vibes-ingestd.toml", *runtime + "/vibes-ingestd",
                *state + "/vibes-ingestd", true};
}

settings_choice choose_settings(const config_file_option& config, settings_purpose purpose,
                                const surroundings& in) {
  const bool is_tool = purpose == settings_purpose::tool;
  const std::optional<places> own = users_places(in);
  const bool is_own = own && (!is_tool || are_in_use(*own, in));
  settings_choice chosen;
  chosen.defaults = is_own ? *own : system_places();
  // By hand, the daemon that systemd runs is asked about; its own variables are not there.
  if (is_tool && !is_own) chosen.defaults.state_directory = "/var/lib/vibes-ingestd";
  chosen.may_be_missing = !config.named_by_user;
  chosen.may_be_unreadable = is_tool && !config.named_by_user;
  chosen.file = config.named_by_user ? config.path : chosen.defaults.settings_file;
  chosen.whose = config.named_by_user ? "the settings"
                 : is_own             ? "your own settings"
                                      : "the system's settings";
  return chosen;
}

socket_choice choose_socket(socket_kind which, const std::string& named,
                            const config_file_option& config, const surroundings& in) {
  return socket_search(which, in).run(named, config);
}

}  // namespace vibes::config
