#include "daemon/cli/command_output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "config/exit_code.hpp"
#include "daemon/base/terminal_text.hpp"
#include "daemon/cli/complaint.hpp"

namespace vibes::cli {
namespace {

error_code last_error() {
  return {errno, boost::system::system_category()};
}

}  // namespace

command_output::command_output(int descriptor)
    : descriptor_(descriptor), is_terminal_(::isatty(descriptor) == 1) {}

void command_output::write(std::string_view text) {
  if (failed()) return;
  if (is_terminal_) {
    gathered_ += printable_lines(text);
  } else {
    gathered_ += text;
  }
  if (gathered_.size() >= gathered_bytes_max) flush();
}

error_code command_output::flush() {
  for (std::string_view left = gathered_; !left.empty() && !failed();) {
    used_ = true;
    const ssize_t written = ::write(descriptor_, left.data(), left.size());
    if (written >= 0) {
      left.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      // Somebody else, who shares the pipe, has made it non-blocking.
      pollfd waiting{descriptor_, POLLOUT, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      error_ = last_error();
    }
    if (!left.empty() && interrupted_ != nullptr && *interrupted_ != 0 && !failed()) {
      error_ = make_error_code(boost::system::errc::interrupted);
    }
  }
  gathered_.clear();
  return error_;
}

error_code command_output::close() {
  flush();
  // One that was never used may have been closed by the caller of the program.
  if (used_ && ::close(descriptor_) != 0 && !failed()) error_ = last_error();
  return error_;
}

bool command_output::reader_leaves(std::chrono::milliseconds within) {
  if (failed()) return true;
  pollfd waiting{descriptor_, 0, 0};
  const bool told = ::poll(&waiting, 1, static_cast<int>(within.count())) > 0;
  if (told) error_ = make_error_code(boost::system::errc::broken_pipe);
  return told;
}

int exit_code_after(command_output& output, int code_of_command) {
  const error_code error = output.close();
  if (!error) return code_of_command;
  if (error != boost::system::errc::broken_pipe) {
    complain("vibes-ingestd: the output could not be written: " + error.message());
  }
  return to_int(config::exit_code::input_output);
}

}  // namespace vibes::cli
