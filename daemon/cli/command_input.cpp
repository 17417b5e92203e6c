#include "daemon/cli/command_input.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace vibes::cli {
namespace {

error_code last_error() {
  return {errno, boost::system::system_category()};
}

}  // namespace

result<command_input> command_input::open(const std::string& path) {
  if (path == "-") return command_input(STDIN_FILENO, false);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return last_error();
  return command_input(descriptor, true);
}

command_input::command_input(command_input&& other) noexcept
    : descriptor_(other.descriptor_), owned_(std::exchange(other.owned_, false)) {}

command_input::~command_input() {
  if (owned_) ::close(descriptor_);
}

result<std::string_view> command_input::read() {
  while (true) {
    const ssize_t got = ::read(descriptor_, piece_.data(), piece_.size());
    if (got >= 0) return std::string_view(piece_.data(), static_cast<std::size_t>(got));
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      // Somebody else, who shares it, has made it non-blocking.
      pollfd waiting{descriptor_, POLLIN, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      return last_error();
    }
  }
}

result<std::string> command_input::read_all(std::size_t bytes_max) {
  std::string all;
  while (true) {
    const result<std::string_view> piece = read();
    if (!piece) return piece.error();
    if (piece->empty()) return all;
    if (piece->size() > bytes_max - all.size()) {
      return make_error_code(boost::system::errc::file_too_large);
    }
    all += *piece;
  }
}

outcome cannot_read(const std::string& path, const error_code& error) {
  using boost::system::errc::errc_t;
  const bool missing =
      error == errc_t::no_such_file_or_directory || error == errc_t::not_a_directory;
  const std::string what = path == "-" ? "standard input" : path;
  return {missing ? config::exit_code::usage : config::exit_code::input_output,
          "cannot read " + what + ": " + error.message()};
}

}  // namespace vibes::cli
