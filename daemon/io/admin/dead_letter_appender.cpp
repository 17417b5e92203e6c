#include "daemon/io/admin/dead_letter_appender.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "daemon/base/failpoint.hpp"
#include "daemon/base/result.hpp"
#include "daemon/io/process/new_file.hpp"

namespace vibes::io {
namespace {

using admin::dead_letter_step;

error_code last_error() {
  return {errno, boost::system::system_category()};
}

class descriptor {
 public:
  descriptor(const std::string& path, int flags)
      : value_((flags & O_CREAT) != 0
                   ? open_or_make(path, flags | O_NONBLOCK | O_NOCTTY)
                   : ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  ~descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const noexcept { return value_; }

 private:
  int value_;
};

std::uint64_t size_of(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
}

/// An entry is a line. A file that cannot be read counts as none.
std::uint64_t count_entries(const std::string& path) {
  const descriptor file(path, O_RDONLY);
  std::uint64_t count = 0;
  std::array<char, 65'536> piece;
  for (ssize_t got = 0; (got = ::read(file.get(), piece.data(), piece.size())) > 0;) {
    count += static_cast<std::uint64_t>(std::count(piece.begin(), piece.begin() + got, '\n'));
  }
  return count;
}

/// A device or a pipe is no file to keep anything in.
error_code check_regular(const descriptor& file, struct stat& found) {
  if (file.get() < 0 || ::fstat(file.get(), &found) != 0) return last_error();
  if (!S_ISREG(found.st_mode)) return make_error_code(boost::system::errc::invalid_argument);
  return {};
}

/// Whether something broke off in the middle of the last line: ours must not become part of it.
bool ends_in_mid_line(const descriptor& file, std::uint64_t size) {
  char last = '\n';
  return size > 0 && ::pread(file.get(), &last, 1, static_cast<off_t>(size - 1)) == 1 &&
         last != '\n';
}

/// All of it or nothing, as far as the disk lets us.
error_code write_whole(const descriptor& file, std::uint64_t size, std::string_view text) {
  while (!text.empty()) {
    failpoint(failpoint_name::dead_letter_write_before);
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written > 0) failpoint(failpoint_name::dead_letter_write_after);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const error_code error =
          written < 0 ? last_error() : make_error_code(boost::system::errc::io_error);
      // What cannot be taken back is a broken line, which the next one does not join.
      if (::ftruncate(file.get(), static_cast<off_t>(size)) != 0) return error;
      return error;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

error_code try_dead_letter_file(const std::string& path) {
  struct stat found {};
  return check_regular(descriptor(path, O_RDWR | O_APPEND | O_CREAT), found);
}

dead_letter_appender::outcome dead_letter_appender::append(
    const std::deque<std::string>& lines) const {
  constexpr std::size_t write_bytes_max = 1 << 20;
  const std::string old_path = path_ + ".1";
  outcome done;
  admin::dead_letter_sizes sizes;
  while (done.lines < lines.size() && !done.error) {
    const descriptor file(path_, O_RDWR | O_APPEND | O_CREAT);
    struct stat found {};
    if ((done.error = check_regular(file, found))) break;
    sizes = {static_cast<std::uint64_t>(found.st_size), size_of(old_path)};
    std::string text = ends_in_mid_line(file, sizes.current) ? "\n" : "";
    switch (next_dead_letter_step(sizes, text.size() + lines[done.lines].size(), bytes_max_)) {
      case dead_letter_step::rotate: {
        const std::uint64_t lost = count_entries(old_path);
        failpoint(failpoint_name::dead_letter_rename_before);
        if (::rename(path_.c_str(), old_path.c_str()) != 0) done.error = last_error();
        if (!done.error) failpoint(failpoint_name::dead_letter_rename_after);
        if (!done.error) done.rotated_entries += lost;
        continue;
      }
      case dead_letter_step::discard_old: {
        const std::uint64_t lost = count_entries(old_path);
        if (::unlink(old_path.c_str()) != 0) done.error = last_error();
        if (!done.error) done.rotated_entries += lost;
        continue;
      }
      case dead_letter_step::append: break;
    }
    std::size_t count = 0;
    std::size_t bytes = 0;
    for (; done.lines + count < lines.size() && (count == 0 || text.size() < write_bytes_max);
         ++count) {
      const std::string& next = lines[done.lines + count];
      const admin::dead_letter_sizes with{sizes.current + text.size(), sizes.old};
      if (next_dead_letter_step(with, next.size(), bytes_max_) != dead_letter_step::append) break;
      text += next;
      bytes += next.size();
    }
    if ((done.error = write_whole(file, sizes.current, text))) break;
    sizes.current += text.size();
    done.lines += count;
    done.bytes += bytes;
  }
  done.files_bytes = sizes.current + sizes.old;
  return done;
}

}  // namespace vibes::io
