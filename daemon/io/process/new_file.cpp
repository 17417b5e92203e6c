#include "daemon/io/process/new_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace vibes::io {
namespace {

error_code last_error() {
  return {errno, boost::system::system_category()};
}

/// Of something that this process has just made. Best effort: whoever may not give it away keeps
/// it.
void give_to_owner_of(int directory, int made) {
  struct stat around {};
  if (::geteuid() != 0 || ::fstat(directory, &around) != 0 || around.st_uid == 0) return;
  [[maybe_unused]] const int given = ::fchown(made, around.st_uid, around.st_gid);
}

struct split_path {
  std::string parent;
  std::string name;
};
split_path split(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

int open_directory(const std::string& path) {
  return ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/// close(2) may change errno.
int close_keeping_errno(int closed, int given) {
  const int before = errno;
  ::close(closed);
  errno = before;
  return given;
}

}  // namespace

int open_or_make_at(int directory, const std::string& name, int flags) {
  // Only what is new is given away: a name that is there may be a link to somebody else's file.
  const int all_flags = flags | O_CLOEXEC;
  const int made = ::openat(directory, name.c_str(), all_flags | O_CREAT | O_EXCL, 0600);
  if (made >= 0) {
    give_to_owner_of(directory, made);
    return made;
  }
  if (errno != EEXIST || (flags & O_EXCL) != 0) return -1;
  return ::openat(directory, name.c_str(), all_flags | O_CREAT, 0600);
}

int open_or_make(const std::string& path, int flags) {
  const split_path at = split(path);
  const int directory = open_directory(at.parent);
  if (directory < 0) return -1;
  return close_keeping_errno(directory, open_or_make_at(directory, at.name, flags));
}

error_code make_directory(const std::string& path, unsigned mode) {
  const split_path at = split(path);
  const int parent = open_directory(at.parent);
  if (parent < 0) return last_error();
  error_code error;
  if (::mkdirat(parent, at.name.c_str(), mode) != 0) {
    if (errno != EEXIST) error = last_error();
  } else if (const int made =
                 ::openat(parent, at.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
             made >= 0) {
    give_to_owner_of(parent, made);
    ::close(made);
  }
  ::close(parent);
  return error;
}

error_code make_directories(const std::string& path, unsigned mode) {
  const error_code error = make_directory(path, mode);
  const std::string parent = split(path).parent;
  if (error.value() != ENOENT || parent == path) return error;
  if (const error_code above = make_directories(parent, mode)) return above;
  return make_directory(path, mode);
}

}  // namespace vibes::io
