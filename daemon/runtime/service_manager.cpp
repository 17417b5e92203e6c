#include "daemon/runtime/service_manager.hpp"

#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include <cerrno>
#include <cstdlib>

namespace vibes::runtime {

service_manager::service_manager() {
  std::uint64_t interval_us = 0;
  if (::sd_watchdog_enabled(0, &interval_us) > 0) {
    watchdog_ = std::chrono::microseconds(interval_us);
  }
}

void service_manager::ready(const std::string& status) {
  ::sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
}

void service_manager::status(const std::string& text) {
  ::sd_notify(0, ("STATUS=" + text).c_str());
}

void service_manager::stopping(const std::string& status) {
  ::sd_notify(0, ("STOPPING=1\nSTATUS=" + status).c_str());
}

void service_manager::extend_timeout(duration by) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(by).count();
  ::sd_notify(0, ("EXTEND_TIMEOUT_USEC=" + std::to_string(us)).c_str());
}

void service_manager::failed(const error_code& error, const std::string& text) {
  ::sd_notify(0, ("ERRNO=" + std::to_string(error.value()) + "\nSTATUS=" + text).c_str());
}

void service_manager::alive() {
  ::sd_notify(0, "WATCHDOG=1");
}

result<std::optional<int>> inherited_socket() {
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(1, &names);
  int chosen = -1;
  for (int i = 0; i < count; ++i) {
    const int descriptor = SD_LISTEN_FDS_START + i;
    const bool named = names != nullptr && names[i] != nullptr && std::string(names[i]) == "events";
    if (named || count == 1) chosen = descriptor;
  }
  for (int i = 0; names != nullptr && names[i] != nullptr; ++i) std::free(names[i]);
  std::free(names);
  if (count < 0) return error_code(-count, boost::system::system_category());
  if (count == 0) return std::optional<int>();
  if (chosen < 0 || ::sd_is_socket_unix(chosen, SOCK_STREAM, 1, nullptr, 0) <= 0) {
    return error_code(EBADF, boost::system::system_category());
  }
  return std::optional<int>(chosen);
}

}  // namespace vibes::runtime
