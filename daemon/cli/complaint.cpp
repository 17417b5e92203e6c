#include "daemon/cli/complaint.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <iostream>

#include "daemon/base/terminal_text.hpp"

namespace vibes::cli {

void complain(std::string_view text) {
  std::cerr << one_line(text) << "\n";
}

bool complain_within(std::string_view text, std::chrono::milliseconds limit) {
  const std::string line = one_line(text) + "\n";
  for (std::string_view rest = line; !rest.empty();) {
    pollfd writable{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&writable, 1, static_cast<int>(limit.count())) <= 0) return false;
    // So much fits into a pipe that has room: a longer write would wait for a reader.
    const ssize_t written =
        ::write(STDERR_FILENO, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
    if (written <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace vibes::cli
