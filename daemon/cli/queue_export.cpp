#include "daemon/cli/queue_export.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "daemon/admin/text_forms.hpp"
#include "daemon/cli/queue_walk.hpp"

namespace vibes::cli {
namespace {

using config::exit_code;
namespace json = boost::json;

error_code last_error() {
  return {errno, boost::system::system_category()};
}

/// A file that gets its name when it is whole. It is for its owner's eyes only: events may be
/// anything. Beside the place it is meant for, under a name of its own, until then; that one is
/// removed when it comes to nothing.
class new_file {
 public:
  explicit new_file(const std::string& path)
      : path_(path), partial_path_(path + ".part-" + std::string(6, 'X')) {}  // for mkostemp
  new_file(const new_file&) = delete;
  new_file& operator=(const new_file&) = delete;
  ~new_file() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(partial_path_.c_str());
  }

  outcome create() {
    struct stat found {};
    if (::lstat(path_.c_str(), &found) == 0) return cannot_create(error_of(EEXIST));
    descriptor_ = ::mkostemp(partial_path_.data(), O_CLOEXEC);
    if (descriptor_ < 0) return cannot_create(last_error());
    return {};
  }
  /// After create().
  int descriptor() const noexcept { return descriptor_; }

  /// On disk, and under its name, unless something is there by now.
  outcome finish(command_output& written) {
    error_code error = written.flush();
    if (!error && ::fsync(descriptor_) != 0) error = last_error();
    if (error)
      return {exit_code::input_output, path_ + " could not be written: " + error.message()};
    if (!take_name()) return cannot_create(last_error());
    return {};
  }

 private:
  static error_code error_of(int number) { return {number, boost::system::system_category()}; }

  outcome cannot_create(const error_code& error) const {
    return {exit_code::cannot_create, "cannot create " + path_ + " (" + error.message() + ")"};
  }

  bool take_name() const {
    if (::renameat2(AT_FDCWD, partial_path_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) ==
        0) {
      return true;
    }
    // Some file systems can only do it in two steps.
    return errno == EINVAL && ::link(partial_path_.c_str(), path_.c_str()) == 0;
  }

  std::string path_;
  std::string partial_path_;
  int descriptor_ = -1;
};

outcome copy_events(queue_walk& walk, command_output& output) {
  return walk.for_each([&](const json::object& event) {
    output.write(admin::payload_of(event).value_or(std::string()) + "\n");
    return !output.failed();
  });
}

}  // namespace

outcome export_events(queue_end& from, const config::queue_options& options,
                      command_output& output) {
  queue_walk walk(from, "queue_export", 0);
  if (options.file.empty()) return copy_events(walk, output);
  new_file file(options.file);
  if (outcome wrong = file.create(); !wrong.ok()) return wrong;
  command_output to(file.descriptor());
  outcome copied = copy_events(walk, to);
  if (!walk.complete() && !to.failed()) return copied;
  if (outcome wrong = file.finish(to); !wrong.ok()) return wrong;
  return copied;
}

}  // namespace vibes::cli
