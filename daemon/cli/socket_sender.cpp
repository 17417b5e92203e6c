#include "daemon/cli/socket_sender.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace vibes::cli {
namespace {

error_code last_error() {
  return {errno, boost::system::system_category()};
}

/// Whether the last call may succeed later.
bool passes() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

socket_sender::~socket_sender() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

error_code socket_sender::wait(short events) const {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
  pollfd waiting{descriptor_, events, 0};
  const int timeout_ms =
      static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, 3'600'000));
  const int ready = ::poll(&waiting, 1, timeout_ms);
  if (ready < 0 && errno != EINTR) return last_error();
  if (ready == 0) return make_error_code(boost::system::errc::timed_out);
  return {};
}

error_code socket_sender::connect(const std::string& path) {
  sockaddr_un address{};
  if (path.size() >= sizeof address.sun_path) {
    return make_error_code(boost::system::errc::filename_too_long);
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor_ < 0) return last_error();
  while (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    // A full backlog is the one refusal that passes; the kernel offers nothing to wait on for it.
    if (errno != EAGAIN) return last_error();
    if (std::chrono::steady_clock::now() >= deadline_) {
      return make_error_code(boost::system::errc::timed_out);
    }
    ::poll(nullptr, 0, 1);
  }
  return {};
}

error_code socket_sender::write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (!passes()) return last_error();
    if (const error_code error = wait(POLLOUT)) return error;
  }
  return {};
}

result<std::size_t> socket_sender::write_some(std::string_view text) {
  const ssize_t written = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
  if (written >= 0) return static_cast<std::size_t>(written);
  if (passes()) return std::size_t{0};
  return last_error();
}

result<std::string_view> socket_sender::read_some(std::span<char> into) {
  const ssize_t got = ::recv(descriptor_, into.data(), into.size(), 0);
  if (got < 0 && passes()) return std::string_view();
  if (got < 0) return last_error();
  at_end_ = got == 0;
  return std::string_view(into.data(), static_cast<std::size_t>(got));
}

error_code socket_sender::finish_writing() {
  return ::shutdown(descriptor_, SHUT_WR) == 0 ? error_code() : last_error();
}

result<std::string> socket_sender::read_line() {
  while (true) {
    const std::size_t end = received_.find('\n', searched_bytes_);
    if (end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      searched_bytes_ = 0;
      return line;
    }
    searched_bytes_ = received_.size();
    std::array<char, 65'536> piece;
    const ssize_t got = ::recv(descriptor_, piece.data(), piece.size(), 0);
    if (got == 0) {
      at_end_ = true;
      return std::string();
    }
    if (got > 0) {
      received_.append(piece.data(), static_cast<std::size_t>(got));
      continue;
    }
    if (!passes()) return last_error();
    if (const error_code error = wait(POLLIN)) return error;
  }
}

}  // namespace vibes::cli
