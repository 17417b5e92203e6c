#include "daemon/io/process/handed_socket.hpp"

#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "daemon/base/terminal_text.hpp"

namespace vibes::io {
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

/// Longer than any address, so that a path in it ends with a zero.
std::optional<sockaddr_storage> address_of(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return address;
}

/// Empty when it is no socket with a file.
std::string path_of(const sockaddr_storage& address) {
  const char* const path = reinterpret_cast<const sockaddr_un&>(address).sun_path;
  return address.ss_family == AF_UNIX && path[0] == '/' ? path : std::string();
}

std::string path_of_file(int descriptor) {
  std::array<char, 256> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t got = ::readlink(link.c_str(), path.data(), path.size());
  return {path.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

}  // namespace

std::string place_of_socket(int descriptor) {
  const std::optional<sockaddr_storage> address = address_of(descriptor);
  if (!address) return one_line(path_of_file(descriptor));
  const bool has_port = address->ss_family == AF_INET || address->ss_family == AF_INET6;
  if (!has_port) return one_line(path_of(*address));
  return "port " + std::to_string(ntohs(reinterpret_cast<const sockaddr_in&>(*address).sin_port));
}

std::optional<handed_socket> inspect_socket(int descriptor) {
  const std::optional<sockaddr_storage> address = address_of(descriptor);
  handed_socket seen;
  if (address) seen.path = path_of(*address);
  if (seen.path.empty()) return std::nullopt;
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

}  // namespace vibes::io
