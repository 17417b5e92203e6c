#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "daemon/base/result.hpp"

namespace vibes::io {

struct socket_file_options {
  std::string path;
  mode_t mode = 0600;
  std::optional<gid_t> group;  // nothing: the daemon's own
  int backlog = 4'096;         // the kernel caps it at net.core.somaxconn
};

/// A listening Unix socket at a path, with its lock. Closing it removes the file, if it is still
/// ours.
class unix_listener {
 public:
  unix_listener() = default;
  unix_listener(unix_listener&&) noexcept;
  unix_listener& operator=(unix_listener&&) noexcept;
  ~unix_listener();

  int descriptor() const noexcept { return listening_; }
  /// The caller owns the socket from now on; the lock and the file stay with this object.
  int release_descriptor() noexcept;

  /// Whether somebody has removed the file: nobody can connect any more.
  bool file_is_missing() const noexcept;
  /// Listens at the same path anew, with a new descriptor. After an error it may be tried again.
  error_code make_again();
  const std::string& path() const noexcept { return options_.path; }

 private:
  friend result<unix_listener> listen_at(const socket_file_options&);

  bool file_is_ours() const noexcept;

  int listening_ = -1;
  int lock_ = -1;
  socket_file_options options_;
  dev_t device_ = 0;  // with the inode: which file at the path is ours
  ino_t inode_ = 0;
};

/// Binds and listens. A stale file is replaced; a live listener, or a file that is no socket, is
/// address_in_use. The file is born closed to everybody and gets owner and mode before anybody can
/// be accepted. PATH.lock keeps two daemons that start at once from both taking a stale file.
result<unix_listener> listen_at(const socket_file_options&);

}  // namespace vibes::io
