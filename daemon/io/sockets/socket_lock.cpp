#include "daemon/io/sockets/socket_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "daemon/io/process/account_names.hpp"
#include "daemon/io/process/new_file.hpp"

namespace vibes::io {
namespace {

error_code error_of(int number) {
  return {number, boost::system::system_category()};
}

}  // namespace

result<int> lock_socket_path(const std::string& path) {
  const int lock = open_or_make(path + ".lock", O_RDWR | O_NOFOLLOW);
  if (lock < 0) return error_of(errno);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const error_code error = error_of(errno == EWOULDBLOCK ? EADDRINUSE : errno);
    ::close(lock);
    return error;
  }
  return lock;
}

std::string explain_lock_file(const std::string& path) {
  const std::string lock_path = path + ".lock";
  struct stat found {};
  if (::lstat(lock_path.c_str(), &found) != 0) return {};
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  const int why = errno;
  if (lock >= 0) {
    ::close(lock);
    return {};
  }
  return lock_path + " cannot be opened (" + std::strerror(why) + "): it belongs to " +
         user_name(found.st_uid) +
         ", who has run a daemon here. Start it as that user, or remove " +
         "the file when no such daemon runs";
}

}  // namespace vibes::io
