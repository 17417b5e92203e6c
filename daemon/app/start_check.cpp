#include "daemon/app/start_check.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "daemon/io/process/account_names.hpp"
#include "daemon/io/sockets/socket_lock.hpp"

namespace vibes::app {
namespace {

error_code error_of(int number) {
  return {number, boost::system::system_category()};
}

/// As this process would, whoever started it.
error_code access_to(const std::string& path, int mode) {
  return ::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0 ? error_code()
                                                                    : error_of(errno);
}

error_code can_make_files_beside(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path();
  struct stat found {};
  if (::stat(directory.c_str(), &found) != 0) return error_of(errno);
  if (!S_ISDIR(found.st_mode)) return error_of(ENOTDIR);
  return access_to(directory, W_OK | X_OK);
}

/// A socket that is there is replaced, or in use, which only trying tells.
error_code can_listen_at(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode)) return error_of(EADDRINUSE);
  return can_make_files_beside(path);
}

error_code can_keep_dead_letters_at(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return can_make_files_beside(path);
  return S_ISREG(found.st_mode) ? access_to(path, R_OK | W_OK) : error_of(EINVAL);
}

void check_group(const std::string& name, std::vector<start_failure>& found) {
  if (name.empty() || io::find_group(name)) return;
  found.push_back({error_of(ENOENT), "[socket] group: there is no group \"" + name + "\""});
}

}  // namespace

std::string place_advice(const std::string& path, const error_code& error) {
  switch (error.value()) {
    case EADDRINUSE: return path + " is in use: is another daemon running, or is it another file?";
    case ENOENT: return path + " cannot be made: its directory does not exist";
    case ENOTDIR: return path + " cannot be made: what should be its directory is none";
    case EACCES:
    case EPERM:
      if (std::string lock = io::explain_lock_file(path); !lock.empty()) return lock;
      return path + " cannot be made: no permission in its directory, or for its group";
    case ENAMETOOLONG: return path + " is too long for a socket (107 bytes)";
    case EINVAL: return path + " is not a regular file";
    default: return path + " cannot be made: " + error.message();
  }
}

std::vector<start_failure> start_obstacles(const config::settings& settings,
                                           bool events_inherited) {
  std::vector<start_failure> found;
  // A directory that is missing may be one that the start makes.
  const auto will_be_made = [&](const std::string& path) {
    return std::ranges::any_of(settings.directories, [&](const config::directory_to_make& each) {
      return path.substr(0, path.rfind('/')) == each.path;
    });
  };
  const auto need = [&](const std::string& key, const std::string& path, const error_code& error) {
    if (error.value() == ENOENT && will_be_made(path)) return;
    if (error) found.push_back({error, key + ": " + place_advice(path, error)});
  };
  if (!events_inherited) {
    check_group(settings.socket.group, found);
    need("[socket] path", settings.socket.path, can_listen_at(settings.socket.path));
  }
  need("[admin] socket", settings.admin.socket, can_listen_at(settings.admin.socket));
  const std::string& letters = settings.dead_letter.path;
  if (!letters.empty()) need("[dead_letter] path", letters, can_keep_dead_letters_at(letters));
  return found;
}

}  // namespace vibes::app
