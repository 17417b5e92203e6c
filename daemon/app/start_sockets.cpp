#include "daemon/app/start_sockets.hpp"

#include "daemon/app/socket_difference.hpp"
#include "daemon/base/log.hpp"
#include "daemon/io/process/account_names.hpp"
#include "daemon/io/process/new_file.hpp"
#include "daemon/io/process/service_manager.hpp"

namespace vibes::app {
namespace {

error_code make_own_directories(const config::settings& settings, start_failure& why) {
  for (const config::directory_to_make& each : settings.directories) {
    if (const error_code error = io::make_directories(each.path, each.mode)) {
      why = {error, each.path + " cannot be made: " + error.message()};
      return error;
    }
  }
  return {};
}

void warn_of_difference(const config::socket_settings& settings,
                        const std::vector<int>& descriptors) {
  std::vector<io::handed_socket> given;
  for (const int each : descriptors) {
    if (std::optional<io::handed_socket> seen = io::inspect_socket(each))
      given.push_back(std::move(*seen));
  }
  const std::string difference = explain_difference(settings, given);
  if (!difference.empty()) log(log_level::warning, difference);
}

}  // namespace

result<start_sockets> open_sockets(const config::settings& settings, start_failure& why) {
  start_sockets opened;
  if (const error_code error = make_own_directories(settings, why)) return error;
  const io::handed_over_sockets inherited = io::sockets_of_service_manager();
  if (!inherited.mistake.empty()) {
    why = {make_error_code(boost::system::errc::bad_file_descriptor), inherited.mistake};
    return why.error;
  }
  const auto obstacles = start_obstacles(settings, !inherited.listening.empty());
  if (!obstacles.empty()) {
    why = obstacles.front();
    return why.error;
  }
  if (!inherited.listening.empty()) {
    opened.events = inherited.listening;
    warn_of_difference(settings.socket, opened.events);
  } else {
    io::socket_file_options options;
    options.path = settings.socket.path;
    options.mode = static_cast<mode_t>(std::stoul(settings.socket.mode, nullptr, 8));
    if (!settings.socket.group.empty()) options.group = io::find_group(settings.socket.group);
    result<io::unix_listener> made = io::listen_at(options);
    if (!made) {
      why = {made.error(), "[socket] path: " + place_advice(options.path, made.error())};
      return why.error;
    }
    opened.events_file = std::move(*made);
    opened.events = {opened.events_file.release_descriptor()};
  }
  io::socket_file_options admin;
  admin.path = settings.admin.socket;
  admin.backlog = 64;
  result<io::unix_listener> made = io::listen_at(admin);
  if (!made) {
    why = {made.error(), "[admin] socket: " + place_advice(admin.path, made.error())};
    return why.error;
  }
  opened.admin = std::move(*made);
  return opened;
}

}  // namespace vibes::app
