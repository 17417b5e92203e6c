#include "daemon/io/journal/reopening_directory.hpp"

#include <sys/stat.h>

namespace vibes::io {

std::optional<std::pair<dev_t, ino_t>> reopening_directory::found() const {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) return std::nullopt;
  return std::pair(status.st_dev, status.st_ino);
}

error_code reopening_directory::lock(std::string_view name) {
  result<posix_file_system> opened = posix_file_system::open(path_);
  if (!opened) return opened.error();
  if (const error_code error = opened->lock(name)) return error;
  at_.reset();
  at_.emplace(std::move(*opened));
  opened_ = found();
  lock_name_ = name;
  return {};
}

result<std::vector<std::string>> reopening_directory::list() {
  if (found() != opened_) {
    if (const error_code error = lock(lock_name_)) return error;
  }
  return at_->list();
}

}  // namespace vibes::io
