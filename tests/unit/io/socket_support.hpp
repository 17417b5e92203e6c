#pragma once

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "daemon/io/sockets/unix_socket_file.hpp"

namespace vibes::test {

/// A descriptor that is closed at the end.
class owned_descriptor {
 public:
  explicit owned_descriptor(int descriptor = -1) : descriptor_(descriptor) {}
  owned_descriptor(owned_descriptor&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  owned_descriptor& operator=(owned_descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~owned_descriptor() { close(); }

  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

inline sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

inline result<io::unix_listener> listen_on(const std::string& path, mode_t mode = 0600,
                                           std::optional<gid_t> group = std::nullopt) {
  io::socket_file_options options;
  options.path = path;
  options.mode = mode;
  options.group = group;
  return io::listen_at(options);
}

/// A socket bound to a path, as somebody else's program makes it; it does not listen.
inline owned_descriptor bound_socket(const std::string& path, int type = SOCK_STREAM) {
  owned_descriptor made(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  const sockaddr_un address = unix_address(path);
  if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot bind " + path);
  }
  return made;
}

/// Connects without waiting: 0, or the number of the error.
inline int try_connect(const owned_descriptor& from, const std::string& path) {
  const sockaddr_un address = unix_address(path);
  const int connected =
      ::connect(from.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return connected == 0 ? 0 : errno;
}
inline owned_descriptor stream_socket() {
  return owned_descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// The file at a path itself, not what it points to; st_mode is 0 when there is none.
inline struct stat file_at(const std::string& path) {
  struct stat found {};
  ::lstat(path.c_str(), &found);
  return found;
}

}  // namespace vibes::test
