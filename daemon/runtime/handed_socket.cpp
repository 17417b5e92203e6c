#include "daemon/runtime/handed_socket.hpp"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace vibes::runtime {
namespace {

std::string group_name(gid_t number) {
  std::array<char, 16'384> buffer{};
  group entry{};
  group* found = nullptr;
  ::getgrgid_r(number, &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? std::to_string(number) : found->gr_name;
}

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode));
  return text.data();
}

}  // namespace

std::optional<handed_socket> look_at_socket(int descriptor) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      address.sun_family != AF_UNIX || address.sun_path[0] != '/') {
    return std::nullopt;
  }
  handed_socket seen;
  const std::size_t length = size - offsetof(sockaddr_un, sun_path);
  seen.path.assign(address.sun_path, std::find(address.sun_path, address.sun_path + length, '\0'));
  struct stat file {};
  if (::stat(seen.path.c_str(), &file) != 0) return std::nullopt;
  seen.mode = file.st_mode & 07777;
  seen.group = group_name(file.st_gid);
  return seen;
}

std::string explain_difference(const config::socket_settings& wanted,
                               const std::vector<handed_socket>& given) {
  if (given.empty()) return {};
  // With several sockets, one at the path of the settings is the one that these are about.
  auto like = std::ranges::find(given, wanted.path, &handed_socket::path);
  std::string text;
  const auto add = [&text](const std::string& key, const std::string& is, const std::string& set) {
    if (is == set) return;
    text += (text.empty() ? "" : ", ") + key + " is " + is + " and not " + set;
  };
  if (like == given.end()) like = given.begin();
  add("[socket] path", like->path, wanted.path);
  add("mode", octal(like->mode), wanted.mode);
  if (!wanted.group.empty()) add("group", like->group, wanted.group);
  return text.empty() ? text
                      : "the service manager's socket differs from the settings, which do not "
                        "count for it: " +
                            text;
}

}  // namespace vibes::runtime
