#include "config/places.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "tests/unit/config/config_support.hpp"

namespace vibes::test {
namespace {

using config::settings_purpose;
using config::socket_kind;

const std::string users_file = "/home/u/.config/vibes-ingestd/vibes-ingestd.toml";
const std::string users_socket = "/run/user/7/vibes-ingestd/events.sock";
const std::string users_admin = "/run/user/7/vibes-ingestd/admin.sock";
const std::string system_socket = "/run/vibes-ingestd/events.sock";

/// A machine on which somebody looks for a daemon: a user in a session, unless a test changes it.
struct machine {
  variables environment = {{"XDG_RUNTIME_DIR", "/run/user/7"}, {"HOME", "/home/u"}};
  bool is_root = false;
  std::map<std::string, std::string> files;
  std::set<std::string> forbidden;
  std::set<std::string> sockets;
  std::string option;  // --socket
  std::string named;   // --config

  config::surroundings around() const {
    config::surroundings in;
    in.environment = environment;
    in.is_root = is_root;
    in.read_file = [this](const std::string& path) -> config::file_text {
      if (forbidden.contains(path)) return {std::nullopt, "Permission denied", false, true};
      const auto found = files.find(path);
      if (found == files.end()) return {std::nullopt, "No such file or directory", true};
      return {found->second, {}};
    };
    in.is_socket = [this](const std::string& path) { return sockets.contains(path); };
    in.exists = [this](const std::string& path) { return files.contains(path); };
    return in;
  }
  config::config_file_option config_option() const { return {named, !named.empty()}; }
  config::socket_choice find(socket_kind which = socket_kind::events) const {
    return config::choose_socket(which, option, config_option(), around());
  }
  config::settings_choice settings(settings_purpose purpose) const {
    return config::choose_settings(config_option(), purpose, around());
  }
};

std::string with_path(const std::string& path) {
  return "[socket]\npath = \"" + path + "\"\n";
}

TEST_CASE("A daemon is looked for in one order", "[places]") {
  machine at;
  at.option = "/option";
  at.environment["VIBES_INGESTD_SOCKET_PATH"] = "/variable";
  at.named = "f.toml";
  at.files["f.toml"] = with_path("/named");
  at.files[users_file] = with_path("/users");
  at.files[config::default_path] = with_path("/system");
  at.sockets = {"/users"};
  CHECK(at.find().path == "/option");
  at.option.clear();
  CHECK(at.find().path == "/variable");
  CHECK(at.find().whose == "named by VIBES_INGESTD_SOCKET_PATH");
  at.environment.erase("VIBES_INGESTD_SOCKET_PATH");
  CHECK(at.find().path == "/named");
  CHECK(at.find().whose == "named by f.toml");
  at.named.clear();
  CHECK(at.find().path == "/users");
  CHECK(at.find().whose == "your own daemon");
  at.sockets.clear();
  CHECK(at.find().path == "/system");
  CHECK(at.find().whose == "the system's daemon; your own is not there: /users");
}

TEST_CASE("Without settings the sockets are at their usual places", "[places]") {
  machine at;
  CHECK(at.find().path == system_socket);
  CHECK(at.find(socket_kind::admin).path == "/run/vibes-ingestd/admin.sock");
  at.sockets = {users_socket};
  CHECK(at.find().path == users_socket);
  CHECK(at.find(socket_kind::admin).path == "/run/vibes-ingestd/admin.sock");
  at.sockets = {users_socket, users_admin};
  CHECK(at.find(socket_kind::admin).path == users_admin);
  CHECK(at.find(socket_kind::admin).notes.empty());
}

TEST_CASE("The admin socket has a variable and a key of its own", "[places]") {
  machine at;
  at.files["f.toml"] = "[admin]\nsocket = \"/a\"\n";
  at.named = "f.toml";
  CHECK(at.find(socket_kind::admin).path == "/a");
  at.environment["VIBES_INGESTD_ADMIN_SOCKET"] = "/b";
  CHECK(at.find(socket_kind::admin).path == "/b");
  CHECK(at.find(socket_kind::events).path == system_socket);
}

TEST_CASE("A named file that says nothing of the socket leaves it at its usual place", "[places]") {
  machine at;
  at.named = "f.toml";
  at.files["f.toml"] = "[log]\nlevel = \"debug\"\n";
  at.files[config::default_path] = with_path("/not-asked");
  CHECK(at.find().path == system_socket);
  at.sockets = {users_socket};
  CHECK(at.find().path == users_socket);
}

TEST_CASE("Mistakes elsewhere in a file do not hide the socket", "[places]") {
  machine at;
  at.named = "f.toml";
  at.files["f.toml"] = "[iggy]\nadress = 1\n[socket]\nmode = \"x\"\npath = \"/named\"\n";
  CHECK(at.find().path == "/named");
  CHECK(at.find().mistakes.empty());
}

TEST_CASE("What was named and cannot be used is a mistake", "[places]") {
  machine at;
  at.named = "f.toml";
  CHECK(texts_of(at.find().mistakes) ==
        lines{"f.toml: error: cannot read the configuration: No such file or directory"});
  at.forbidden = {"f.toml"};
  CHECK(texts_of(at.find().mistakes) ==
        lines{"f.toml: error: cannot read the configuration: Permission denied"});
  at.forbidden.clear();
  at.files["f.toml"] = with_path("relative");
  CHECK(texts_of(at.find().mistakes) ==
        lines{"f.toml:2:1: error: [socket] path: must be an absolute path"});
  at.files["f.toml"] = "[socket";
  CHECK(at.find().mistakes.size() == 1);
  at.environment["VIBES_INGESTD_SOCKET_PATH"] = "";
  CHECK(texts_of(at.find().mistakes) ==
        lines{"environment VIBES_INGESTD_SOCKET_PATH: error: [socket] path: must have 1 to 107 "
              "bytes, not 0"});
}

TEST_CASE("A usual file that cannot be used leaves the default, with a note", "[places]") {
  machine at;
  at.forbidden = {config::default_path};
  CHECK(at.find().path == system_socket);
  CHECK(at.find().mistakes.empty());
  CHECK(at.find().notes ==
        lines{"cannot read /etc/vibes-ingestd/vibes-ingestd.toml: Permission denied: its default "
              "is used"});
  at.forbidden.clear();
  at.files[config::default_path] = with_path("relative");
  CHECK(at.find().path == system_socket);
  CHECK(at.find().notes.size() == 1);
}

TEST_CASE("Root, a system service and whoever has no session have no places of their own",
          "[places]") {
  machine at;
  CHECK(config::users_places(at.around()).has_value());
  at.is_root = true;
  CHECK(!config::users_places(at.around()));
  at.is_root = false;
  at.environment["RUNTIME_DIRECTORY"] = "/run/vibes-ingestd";
  CHECK(!config::users_places(at.around()));
  at.environment["RUNTIME_DIRECTORY"] = "/run/user/7/vibes-ingestd";
  CHECK(config::users_places(at.around()).has_value());
  at.environment = {{"HOME", "/home/u"}};
  CHECK(!config::users_places(at.around()));
  at.environment = {{"HOME", "/home/u"}, {"XDG_RUNTIME_DIR", "relative"}};
  CHECK(!config::users_places(at.around()));
  at.environment = {{"XDG_RUNTIME_DIR", "/r"}};
  CHECK(!config::users_places(at.around()));
}

TEST_CASE("A user's places are where the session says", "[places]") {
  machine at;
  at.environment = {{"XDG_RUNTIME_DIR", "/r"}, {"XDG_STATE_HOME", "/s"}, {"XDG_CONFIG_HOME", "/c"}};
  const auto own = config::users_places(at.around());
  REQUIRE(own);
  CHECK(own->settings_file == "/c/vibes-ingestd/vibes-ingestd.toml");
  CHECK(own->events_socket() == "/r/vibes-ingestd/events.sock");
  CHECK(own->admin_socket() == "/r/vibes-ingestd/admin.sock");
  CHECK(own->state_directory == "/s/vibes-ingestd");
  at.environment.erase("XDG_STATE_HOME");
  at.environment["HOME"] = "/home/u";
  CHECK(config::users_places(at.around())->state_directory == "/home/u/.local/state/vibes-ingestd");
}

TEST_CASE("A daemon uses the places of who starts it, a tool those of the daemon that there is",
          "[places]") {
  machine at;
  CHECK(at.settings(settings_purpose::run).file == users_file);
  CHECK(at.settings(settings_purpose::tool).file == config::default_path);
  for (const std::string& sign : {users_file, users_socket}) {
    at.files = {{sign, ""}};
    at.sockets = {sign};
    CHECK(at.settings(settings_purpose::tool).file == users_file);
  }
  at.is_root = true;
  CHECK(at.settings(settings_purpose::run).file == config::default_path);
  CHECK(at.settings(settings_purpose::run).defaults.state_directory.empty());
  CHECK(at.settings(settings_purpose::tool).defaults.state_directory == "/var/lib/vibes-ingestd");
  at.named = "f.toml";
  CHECK(at.settings(settings_purpose::tool).file == "f.toml");
  CHECK(at.settings(settings_purpose::tool).whose == "the settings");
}

TEST_CASE("Only tools go on without settings that they may not read", "[places]") {
  machine at;
  CHECK(at.settings(settings_purpose::tool).may_be_unreadable);
  CHECK(!at.settings(settings_purpose::run).may_be_unreadable);
  CHECK(at.settings(settings_purpose::run).may_be_missing);
  at.named = "f.toml";
  CHECK(!at.settings(settings_purpose::tool).may_be_unreadable);
  CHECK(!at.settings(settings_purpose::run).may_be_missing);
}

/// The settings of somebody with these places, from this file.
config::settings loaded_by(const config::places& defaults, bool is_root, const std::string& text,
                           const variables& environment = {}) {
  config::load_sources from;
  from.file_text = text;
  from.defaults = defaults;
  from.is_root = is_root;
  from.environment = environment;
  const config::load_result loaded = config::load(from);
  CHECK(texts_of(loaded.mistakes) == lines{});
  return loaded.settings;
}

lines made_by(const config::settings& settings) {
  lines made;
  for (const auto& each : settings.directories) {
    made.push_back(each.path + (each.mode == 0700 ? " 0700" : " other"));
  }
  return made;
}

TEST_CASE("A user's daemon has its sockets and its journal in the user's directories", "[places]") {
  const config::places own = *config::users_places(machine().around());
  const config::settings usual = loaded_by(own, false, "");
  CHECK(usual.socket.path == users_socket);
  CHECK(usual.admin.socket == users_admin);
  CHECK(usual.journal.resolved_directory == "/home/u/.local/state/vibes-ingestd/journal");
  CHECK(made_by(usual) ==
        lines{"/run/user/7/vibes-ingestd 0700", "/home/u/.local/state/vibes-ingestd 0700"});
  // What the settings name is used as it is, and nothing is made for it.
  const config::settings named =
      loaded_by(own, false,
                "[socket]\npath = \"/p\"\n[admin]\nsocket = \"/a\"\n[journal]\ndirectory = \"\"\n");
  CHECK(named.socket.path == "/p");
  CHECK(made_by(named).empty());
  // systemd's directory of a user's service.
  CHECK(loaded_by(own, false, "", {{"STATE_DIRECTORY", "/state"}}).journal.resolved_directory ==
        "/state/journal");
}

TEST_CASE("Only root makes the system's directory, and nobody a journal that is not asked for",
          "[places]") {
  const config::settings by_root = loaded_by(config::system_places(), true, "");
  CHECK(by_root.socket.path == system_socket);
  CHECK(by_root.journal.resolved_directory.empty());
  CHECK(made_by(by_root) == lines{"/run/vibes-ingestd other"});
  CHECK(made_by(loaded_by(config::system_places(), false, "")).empty());
}

}  // namespace
}  // namespace vibes::test
