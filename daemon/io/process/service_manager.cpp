#include "daemon/io/process/service_manager.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "daemon/base/terminal_text.hpp"
#include "daemon/io/process/handed_socket.hpp"

namespace vibes::io {
namespace {

/// Each line of a datagram is an assignment of its own, so a text may not bring one along.
std::string status_of(const std::string& text) {
  return "STATUS=" + one_line(text);
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

/// systemd writes an abstract address with an @ in front.
socklen_t address_of(const std::string& path, sockaddr_un& to) {
  if (path.size() < 2 || path.size() >= sizeof to.sun_path) return 0;
  if (path.front() != '/' && path.front() != '@') return 0;
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, path.data(), path.size());
  if (path.front() == '@') to.sun_path[0] = '\0';
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
}

/// A descriptor that cannot be served, in words.
std::string named_descriptor(int descriptor, const std::string& name) {
  const std::string place = place_of_socket(descriptor);
  return "descriptor " + std::to_string(descriptor) + (name.empty() ? "" : " (\"" + name + "\")") +
         " of the service manager" + (place.empty() ? " " : ", " + place + ", ");
}

/// What sd_notify does, but for its wait: that has no end when systemd does not read.
void send_to(const std::string& path, const std::string& text, std::chrono::milliseconds wait) {
  sockaddr_un address{};
  const socklen_t size = address_of(path, address);
  if (size == 0) return;
  const int flags = SOCK_DGRAM | SOCK_CLOEXEC | (wait.count() > 0 ? 0 : SOCK_NONBLOCK);
  const int out = ::socket(AF_UNIX, flags, 0);
  if (out < 0) return;
  const timeval limit{wait.count() / 1'000, wait.count() % 1'000 * 1'000};
  ::setsockopt(out, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  ::sendto(out, text.data(), text.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
           size);
  ::close(out);
}

}  // namespace

service_manager::service_manager() : notify_path_(variable("NOTIFY_SOCKET")) {
  std::uint64_t interval_us = 0;
  if (::sd_watchdog_enabled(0, &interval_us) > 0) {
    watchdog_ = std::chrono::microseconds(interval_us);
  }
  present_ = !notify_path_.empty() || variable("SYSTEMD_EXEC_PID") == std::to_string(::getpid());
}

void service_manager::tell_surely(const std::string& text) const {
  send_to(notify_path_, text, wait_max);
}

void service_manager::tell_if_it_reads(const std::string& text) const {
  send_to(notify_path_, text, std::chrono::milliseconds(0));
}

void service_manager::ready(const std::string& status) {
  tell_surely("READY=1\n" + status_of(status));
}

void service_manager::status(const std::string& text) {
  tell_if_it_reads(status_of(text));
}

void service_manager::stopping(const std::string& status) {
  tell_surely("STOPPING=1\n" + status_of(status));
}

void service_manager::extend_timeout(duration by) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(by).count();
  tell_surely("EXTEND_TIMEOUT_USEC=" + std::to_string(us));
}

void service_manager::failed(const error_code& error, const std::string& text) {
  tell_surely("ERRNO=" + std::to_string(error.value()) + "\n" + status_of(text));
}

void service_manager::alive() {
  tell_if_it_reads("WATCHDOG=1");
}

handed_over_sockets sockets_of_service_manager() {
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(1, &names);
  std::vector<std::string> named(static_cast<std::size_t>(std::max(count, 0)));
  for (int i = 0; names != nullptr && names[i] != nullptr; ++i) {
    if (i < count) named[static_cast<std::size_t>(i)] = names[i];
    std::free(names[i]);
  }
  std::free(names);
  handed_over_sockets got;
  if (count < 0) got.mistake = "the service manager's sockets cannot be taken over";
  // A socket unit without FileDescriptorName= gives all of its sockets its own name.
  const bool all_alike =
      std::ranges::all_of(named, [&](const std::string& each) { return each == named.front(); });
  for (std::size_t i = 0; i < named.size(); ++i) {
    const int descriptor = SD_LISTEN_FDS_START + static_cast<int>(i);
    if (!all_alike && named[i] != "events") {
      got.mistake =
          named_descriptor(descriptor, named[i]) + "is not named \"events\": nobody would serve it";
    } else if (::sd_is_socket_unix(descriptor, SOCK_STREAM, 1, nullptr, 0) <= 0) {
      got.mistake =
          named_descriptor(descriptor, named[i]) + "is not a listening Unix stream socket";
    } else {
      got.listening.push_back(descriptor);
      continue;
    }
    break;
  }
  return got;
}

}  // namespace vibes::io
