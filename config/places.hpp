#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/command_line.hpp"
#include "config/diagnostic.hpp"

// Where a daemon has its settings and sockets, and in which order commands look for them. Nothing
// in here reads a file or asks the system: `surroundings` is what is known of both.

namespace vibes::config {

inline constexpr const char* default_path = "/etc/vibes-ingestd/vibes-ingestd.toml";

/// A small file's text, or why there is none.
struct file_text {
  std::optional<std::string> text;
  std::string error;
  bool missing = false;     // there is no such file
  bool forbidden = false;   // this user may not read it
  bool for_others = false;  // its mode lets everybody read it
};

/// What the places depend on.
struct surroundings {
  std::map<std::string, std::string> environment;  // whole
  bool is_root = false;
  std::function<file_text(const std::string& path)> read_file;
  std::function<bool(const std::string& path)> is_socket;  // a socket's file is at the path
  std::function<bool(const std::string& path)> exists;
};
/// Those of this process.
surroundings surroundings_of_this_process();

/// Where one daemon keeps what is its own, unless its settings say otherwise.
struct places {
  std::string settings_file;
  std::string socket_directory;
  /// The journal is in its "journal"; empty: there is none by default.
  std::string state_directory;
  bool is_users = false;

  std::string events_socket() const { return socket_directory + "/events.sock"; }
  std::string admin_socket() const { return socket_directory + "/admin.sock"; }
};

/// The system's daemon has its state directory from systemd, in the variable STATE_DIRECTORY.
places system_places();
/// Of a daemon that this user starts by hand. Nothing for root, without a session
/// ($XDG_RUNTIME_DIR), without a home, and for a system service (its RuntimeDirectory= is
/// elsewhere).
std::optional<places> users_places(const surroundings&);

/// `run` and `check` use the places of whoever calls them. Tools look for the daemon that there is.
enum class settings_purpose { run, tool };

/// The settings' file to read.
struct settings_choice {
  std::string file;
  places defaults;
  bool may_be_missing = true;
  bool may_be_unreadable = false;  // for want of permission: defaults are used then
  std::string whose;               // "your own settings", "the system's settings", "the settings"
};
settings_choice choose_settings(const config_file_option&, settings_purpose, const surroundings&);

enum class socket_kind { events, admin };

/// Where a command finds a daemon's socket. The first that there is: what the command line names;
/// the environment's variable; the file that --config or VIBES_INGESTD_CONFIG names; the user's own
/// daemon, when its socket is there; the system's daemon.
struct socket_choice {
  std::string path;
  std::string whose;               // for people: "named on the command line", ...
  std::vector<std::string> notes;  // what was not as it should be, and did not matter
  diagnostics mistakes;            // not empty: there is no path
};
socket_choice choose_socket(socket_kind, const std::string& named, const config_file_option&,
                            const surroundings&);

}  // namespace vibes::config
