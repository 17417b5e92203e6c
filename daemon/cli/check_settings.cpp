#include "daemon/cli/check_settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "config/keys.hpp"
#include "daemon/app/start_check.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/complaint.hpp"
#include "daemon/cli/online_check.hpp"

namespace vibes::cli {
namespace {

using config::exit_code;
namespace json = boost::json;

/// All that is known, before any of it is shown.
struct findings {
  config::load_result loaded;
  std::vector<app::start_failure> obstacles;
  std::vector<std::string> warnings;
  std::optional<online_answer> online;

  exit_code code() const {
    if (!loaded.ok()) return exit_code::bad_configuration;
    if (!obstacles.empty()) return exit_code::cannot_create;
    return online ? online->code : exit_code::ok;
  }
};

/// Why this user could not keep a journal there, or nothing. The daemon's user may be another one.
std::string journal_trouble(const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::is_directory(directory, error)) {
    return ::access(directory.c_str(), R_OK | W_OK | X_OK) == 0 ? ""
                                                                : "this user may not write there";
  }
  if (fs::exists(directory, error)) return "it is not a directory";
  const std::string parent = fs::path(directory).parent_path();
  if (!fs::is_directory(parent, error)) return "its parent directory does not exist";
  return ::access(parent.c_str(), W_OK | X_OK) == 0 ? "" : "this user may not make it";
}

/// A start makes this directory for itself.
bool will_be_made(const config::settings& settings, const std::string& directory) {
  return std::ranges::any_of(settings.directories, [&](const config::directory_to_make& each) {
    return directory.starts_with(each.path + "/");
  });
}

/// A start goes on without a journal, and says so: no reason to refuse.
std::vector<std::string> warnings_of(const config::settings& settings) {
  const std::string& directory = settings.journal.resolved_directory;
  const bool is_to_be_there = !directory.empty() && !will_be_made(settings, directory);
  const std::string trouble = is_to_be_there ? journal_trouble(directory) : "";
  if (trouble.empty()) return {};
  return {"[journal] directory: " + directory + " is not usable: " + trouble};
}

json::value value_of(const config::key_binding& key) {
  struct shower {
    json::value operator()(const config::integer_key& of) const { return *of.target; }
    json::value operator()(const config::text_key& of) const { return json::string(*of.target); }
    json::value operator()(const config::boolean_key& of) const { return *of.target; }
    json::value operator()(const config::choice_key& of) const {
      return json::string(of.names[of.get()]);
    }
    json::value operator()(const config::list_key& of) const {
      return json::array(of.target->begin(), of.target->end());
    }
  };
  return std::visit(shower{}, key.value);
}

/// Each key with its value, secrets aside, and where it was set.
json::object settings_object(config::load_result& loaded) {
  json::object sections;
  for (const config::key_binding& each : config::bind_keys(loaded.settings)) {
    const auto set = loaded.positions.find(each.path());
    const bool secret = each.section == "iggy" && each.name == "password";
    json::object entry{{"value", secret ? json::value() : value_of(each)},
                       {"source", set == loaded.positions.end() ? "default" : set->second.place()}};
    json::value& section = sections[json::string_view(each.section)];
    if (section.is_null()) section = json::object();
    section.get_object().emplace(json::string_view(each.name), std::move(entry));
  }
  return sections;
}

json::array mistakes_array(const config::diagnostics& mistakes) {
  json::array all;
  for (const config::diagnostic& each : mistakes) {
    all.push_back({{"source", each.source},
                   {"line", each.line},
                   {"column", each.column},
                   {"message", each.message}});
  }
  return all;
}

json::object object_of(findings& found) {
  json::object all{{"ok", found.code() == exit_code::ok}, {"exit_code", to_int(found.code())}};
  all["mistakes"] = mistakes_array(found.loaded.mistakes);
  json::array warnings(found.warnings.begin(), found.warnings.end());
  for (const std::string& each : found.loaded.settings.warnings) {
    warnings.push_back(json::string(each));
  }
  all["warnings"] = std::move(warnings);
  json::array& obstacles = (all["start_obstacles"] = json::array()).get_array();
  for (const app::start_failure& each : found.obstacles) {
    obstacles.push_back(json::string(each.text));
  }
  all["online"] = found.online ? json::value(object_of(*found.online)) : json::value();
  if (!found.loaded.ok()) return all;
  const config::settings& settings = found.loaded.settings;
  const bool by_token = !settings.secrets.token.empty();
  all["settings"] = settings_object(found.loaded);
  all["journal_directory"] = settings.journal.resolved_directory;
  all["login"] = {
      {"with", by_token ? "token" : "password"},
      {"source", by_token ? settings.secrets.token_source : settings.secrets.password_source}};
  return all;
}

void complain_of(const findings& found) {
  for (const config::diagnostic& each : found.loaded.mistakes) complain(each.text());
  for (const std::string& each : found.warnings) complain("warning: " + each);
  for (const std::string& each : found.loaded.settings.warnings) complain(each);
  for (const app::start_failure& each : found.obstacles) {
    complain("vibes-ingestd check: run could not start: " + each.text);
  }
  if (found.online && found.online->code != exit_code::ok) {
    complain("vibes-ingestd check: " + found.online->text);
  }
}

}  // namespace

int check_settings(const config::check_options& options, command_output& output) {
  findings found{read_settings(options.config, settings_need::all), {}, {}, {}};
  if (found.loaded.ok()) {
    found.obstacles = app::start_obstacles(found.loaded.settings, false);
    found.warnings = warnings_of(found.loaded.settings);
    if (options.online) found.online = ask_iggy(found.loaded.settings);
  }
  if (options.json) {
    output.write(json::serialize(object_of(found)) + "\n");
    return to_int(found.code());
  }
  if (found.loaded.ok()) output.write(config::describe(found.loaded.settings));
  if (found.online && found.online->code == exit_code::ok) {
    output.write("# " + found.online->text + "\n");
  }
  complain_of(found);
  return to_int(found.code());
}

}  // namespace vibes::cli
