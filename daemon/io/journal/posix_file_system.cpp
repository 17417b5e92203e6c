#include "daemon/io/journal/posix_file_system.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "daemon/base/failpoint.hpp"
#include "daemon/io/process/new_file.hpp"

namespace vibes::io {
namespace {

error_code os_error(int number) {
  return {number, boost::system::system_category()};
}

error_code last_error() {
  return os_error(errno);
}

int descriptor_of(journal::file_handle file) noexcept {
  return static_cast<int>(file);
}

/// Calls again when a signal came in between.
template <class Call>
auto retry_interrupted(Call&& call) {
  auto got = call();
  while (got < 0 && errno == EINTR) got = call();
  return got;
}

/// Without the times of the file, which recovery does not need.
error_code sync_data(int file) {
  failpoint(failpoint_name::journal_sync_before);
  if (retry_interrupted([&] { return ::fdatasync(file); }) != 0) return last_error();
  failpoint(failpoint_name::journal_sync_after);
  return {};
}

}  // namespace

result<posix_file_system> posix_file_system::open(const std::string& directory) {
  if (const error_code error = make_directory(directory, 0700)) return error;
  const int opened = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return last_error();
  return posix_file_system(opened);
}

posix_file_system::posix_file_system(posix_file_system&& other) noexcept
    : directory_(std::exchange(other.directory_, -1)), lock_(std::exchange(other.lock_, -1)) {}

posix_file_system::~posix_file_system() {
  if (lock_ >= 0) ::close(lock_);
  if (directory_ >= 0) ::close(directory_);
}

result<int> posix_file_system::open_file(std::string_view name, int flags) const {
  if (name.empty() || name.find('/') != std::string_view::npos) return os_error(EINVAL);
  const std::string terminated(name);
  const int opened = retry_interrupted([&] {
    return (flags & O_CREAT) != 0
               ? open_or_make_at(directory_, terminated, flags | O_NOFOLLOW)
               : ::openat(directory_, terminated.c_str(), flags | O_CLOEXEC | O_NOFOLLOW);
  });
  if (opened < 0) return last_error();
  return opened;
}

error_code posix_file_system::lock(std::string_view name) {
  const result<int> opened = open_file(name, O_RDWR | O_CREAT);
  if (!opened) return opened.error();
  if (retry_interrupted([&] { return ::flock(*opened, LOCK_EX | LOCK_NB); }) != 0) {
    const error_code error = last_error();
    ::close(*opened);
    return error;
  }
  if (lock_ >= 0) ::close(lock_);
  lock_ = *opened;
  return {};
}

result<std::vector<std::string>> posix_file_system::list() {
  // A descriptor of its own: reading moves a position that copies would share.
  const int opened = ::openat(directory_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return last_error();
  DIR* const reading = ::fdopendir(opened);
  if (reading == nullptr) {
    const error_code error = last_error();
    ::close(opened);
    return error;
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* each = ::readdir(reading)) {
    struct stat found {};
    const bool is_file = ::fstatat(directory_, each->d_name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
                         S_ISREG(found.st_mode);
    if (is_file) names.emplace_back(each->d_name);
    errno = 0;
  }
  const error_code error = errno != 0 ? last_error() : error_code();
  ::closedir(reading);
  if (error) return error;
  return names;
}

result<journal::file_handle> posix_file_system::create(std::string_view name) {
  failpoint(failpoint_name::journal_create_before);
  const result<int> opened = open_file(name, O_WRONLY | O_APPEND | O_CREAT | O_EXCL);
  if (!opened) return opened.error();
  failpoint(failpoint_name::journal_create_after);
  return static_cast<journal::file_handle>(*opened);
}

result<journal::file_handle> posix_file_system::open_to_read(std::string_view name) {
  const result<int> opened = open_file(name, O_RDONLY);
  if (!opened) return opened.error();
  return static_cast<journal::file_handle>(*opened);
}

/// Never again after EINTR: on Linux the descriptor is gone then.
void posix_file_system::close(journal::file_handle file) noexcept {
  ::close(descriptor_of(file));
}

result<std::size_t> posix_file_system::write(journal::file_handle file,
                                             std::span<const std::byte> bytes) {
  failpoint(failpoint_name::journal_write_before);
  const ssize_t wrote =
      retry_interrupted([&] { return ::write(descriptor_of(file), bytes.data(), bytes.size()); });
  if (wrote < 0) return last_error();
  if (wrote == 0) return os_error(EIO);
  failpoint(failpoint_name::journal_write_after);
  return static_cast<std::size_t>(wrote);
}

result<std::size_t> posix_file_system::read_at(journal::file_handle file, std::uint64_t offset,
                                               std::span<std::byte> to) {
  failpoint(failpoint_name::journal_read_before);
  std::size_t filled = 0;
  while (filled < to.size()) {
    const auto at = static_cast<off_t>(offset + filled);
    const ssize_t got = retry_interrupted(
        [&] { return ::pread(descriptor_of(file), to.data() + filled, to.size() - filled, at); });
    if (got < 0) return last_error();
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  failpoint(failpoint_name::journal_read_after);
  return filled;
}

result<std::uint64_t> posix_file_system::size(journal::file_handle file) {
  struct stat found {};
  if (::fstat(descriptor_of(file), &found) != 0) return last_error();
  return static_cast<std::uint64_t>(found.st_size);
}

error_code posix_file_system::sync(journal::file_handle file) {
  return sync_data(descriptor_of(file));
}

error_code posix_file_system::sync_directory() {
  failpoint(failpoint_name::journal_directory_sync_before);
  if (retry_interrupted([&] { return ::fsync(directory_); }) != 0) return last_error();
  failpoint(failpoint_name::journal_directory_sync_after);
  return {};
}

error_code posix_file_system::truncate(std::string_view name, std::uint64_t size) {
  const result<int> opened = open_file(name, O_WRONLY);
  if (!opened) return opened.error();
  failpoint(failpoint_name::journal_truncate_before);
  const int cut = retry_interrupted([&] { return ::ftruncate(*opened, static_cast<off_t>(size)); });
  if (cut == 0) failpoint(failpoint_name::journal_truncate_after);
  const error_code error = cut != 0 ? last_error() : sync_data(*opened);
  ::close(*opened);
  return error;
}

error_code posix_file_system::remove(std::string_view name) {
  if (name.find('/') != std::string_view::npos) return os_error(EINVAL);
  const std::string terminated(name);
  failpoint(failpoint_name::journal_remove_before);
  if (::unlinkat(directory_, terminated.c_str(), 0) != 0) return last_error();
  failpoint(failpoint_name::journal_remove_after);
  return {};
}

error_code posix_file_system::rename(std::string_view from, std::string_view to) {
  const std::string old_name(from);
  const std::string new_name(to);
  if ((old_name + new_name).find('/') != std::string::npos) return os_error(EINVAL);
  if (::renameat(directory_, old_name.c_str(), directory_, new_name.c_str()) != 0) {
    return last_error();
  }
  return {};
}

}  // namespace vibes::io
