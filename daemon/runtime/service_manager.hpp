#pragma once

#include <optional>
#include <string>

#include "daemon/base/result.hpp"
#include "daemon/base/time.hpp"

namespace vibes::runtime {

/// What the daemon tells systemd and gets from it. Everything is a no-op when it was not started by
/// systemd. Nothing is passed on to children.
class service_manager {
 public:
  service_manager();

  void ready(const std::string& status);
  void status(const std::string& text);
  void stopping(const std::string& status);
  void extend_timeout(duration);
  void failed(const error_code&, const std::string& text);
  void alive();

  /// How often systemd wants to hear alive(), at the least; nothing when it does not watch.
  std::optional<duration> watchdog_interval() const noexcept { return watchdog_; }

 private:
  std::optional<duration> watchdog_;
};

/// The events' socket as systemd handed it over: one named "events", or the only one. Nothing when
/// none was handed over; an error when what was is not a listening Unix stream socket.
result<std::optional<int>> inherited_socket();

}  // namespace vibes::runtime
