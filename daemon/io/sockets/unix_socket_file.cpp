#include "daemon/io/sockets/unix_socket_file.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "daemon/io/sockets/socket_lock.hpp"

namespace vibes::io {
namespace {

error_code last_error() {
  return {errno, boost::system::system_category()};
}

error_code in_use() {
  return {EADDRINUSE, boost::system::system_category()};
}

result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  if (path.size() >= sizeof address.sun_path) {
    return error_code(ENAMETOOLONG, boost::system::system_category());
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* as_address(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

/// Removes a socket file that nobody listens on. Refuses what is alive or not a socket.
error_code remove_stale(const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(address.sun_path, &found) != 0) return errno == ENOENT ? error_code() : last_error();
  if (!S_ISSOCK(found.st_mode)) return in_use();
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return last_error();
  const int connected = ::connect(probe, as_address(address), sizeof address);
  const int why = connected == 0 ? 0 : errno;
  ::close(probe);
  // A full backlog (EAGAIN) is somebody alive, too.
  if (why != ECONNREFUSED) return why == ENOENT ? error_code() : in_use();
  if (::unlink(address.sun_path) != 0 && errno != ENOENT) return last_error();
  return {};
}

}  // namespace

unix_listener::unix_listener(unix_listener&& other) noexcept
    : listening_(std::exchange(other.listening_, -1)),
      lock_(std::exchange(other.lock_, -1)),
      options_(std::exchange(other.options_, {})),
      device_(other.device_),
      inode_(other.inode_) {}

unix_listener& unix_listener::operator=(unix_listener&& other) noexcept {
  std::swap(listening_, other.listening_);
  std::swap(lock_, other.lock_);
  std::swap(options_, other.options_);
  std::swap(device_, other.device_);
  std::swap(inode_, other.inode_);
  return *this;
}

unix_listener::~unix_listener() {
  // The lock file stays: removing it could hand one path to two owners.
  if (lock_ >= 0 && file_is_ours()) ::unlink(options_.path.c_str());
  if (listening_ >= 0) ::close(listening_);
  if (lock_ >= 0) ::close(lock_);
}

bool unix_listener::file_is_ours() const noexcept {
  struct stat found {};
  return ::lstat(options_.path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode) &&
         found.st_dev == device_ && found.st_ino == inode_;
}

bool unix_listener::file_is_missing() const noexcept {
  struct stat found {};
  return !options_.path.empty() && ::lstat(options_.path.c_str(), &found) != 0 && errno == ENOENT;
}

error_code unix_listener::make_again() {
  // The lock is ours, and would keep us out; its file may have been removed too.
  if (lock_ >= 0) ::close(std::exchange(lock_, -1));
  result<unix_listener> made = listen_at(socket_file_options(options_));
  if (!made) return made.error();
  *this = std::move(*made);
  return {};
}

int unix_listener::release_descriptor() noexcept {
  return std::exchange(listening_, -1);
}

result<unix_listener> listen_at(const socket_file_options& options) {
  const result<sockaddr_un> address = address_of(options.path);
  if (!address) return address.error();
  unix_listener made;
  const result<int> locked = lock_socket_path(options.path);
  if (!locked) return locked.error();
  const int lock = *locked;
  if (const error_code error = remove_stale(*address)) {
    ::close(lock);
    return error;
  }
  made.listening_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made.listening_ < 0) {
    ::close(lock);
    return last_error();
  }
  // The mask decides the mode the file is born with: nobody can open it until it is what it should
  // be.
  const mode_t mask = ::umask(0777);
  const int bound = ::bind(made.listening_, as_address(*address), sizeof *address);
  const error_code bind_error = bound == 0 ? error_code() : last_error();
  ::umask(mask);
  if (bind_error) {
    ::close(lock);
    return bind_error;
  }
  made.lock_ = lock;
  made.options_ = options;
  struct stat born {};
  if (::lstat(options.path.c_str(), &born) != 0) return last_error();
  made.device_ = born.st_dev;
  made.inode_ = born.st_ino;
  const char* const path = options.path.c_str();
  if (options.group && ::lchown(path, static_cast<uid_t>(-1), *options.group) != 0) {
    return last_error();
  }
  if (::chmod(path, options.mode) != 0) return last_error();
  if (::listen(made.listening_, options.backlog) != 0) return last_error();
  return made;
}

}  // namespace vibes::io
