#include "daemon/io/process/handed_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "daemon/base/terminal_text.hpp"
#include "daemon/io/process/account_names.hpp"

namespace vibes::io {
namespace {

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

}  // namespace vibes::io
