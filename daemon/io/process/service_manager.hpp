#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/base/result.hpp"
#include "daemon/base/time.hpp"

namespace vibes::io {

/// What the daemon tells systemd and gets from it. Everything is a no-op when it was not started by
/// systemd. A systemd that does not read holds up the loop for `wait_max` at the most, and only
/// where what it is told changes what it does; of status and watchdog it does not hear then.
class service_manager {
 public:
  static constexpr auto wait_max = std::chrono::milliseconds(500);

  service_manager();

  /// Whether systemd started this process as a service.
  bool is_present() const noexcept { return present_; }

  void ready(const std::string& status);
  void status(const std::string& text);
  void stopping(const std::string& status);
  void extend_timeout(duration);
  void failed(const error_code&, const std::string& text);
  void alive();

  /// How often systemd wants to hear alive(), at the least; nothing when it does not watch.
  std::optional<duration> watchdog_interval() const noexcept { return watchdog_; }

 private:
  void tell_surely(const std::string& text) const;
  void tell_if_it_reads(const std::string& text) const;

  std::string notify_path_;  // empty: nobody is told
  bool present_ = false;
  std::optional<duration> watchdog_;
};

/// The events' sockets as systemd handed them over: all of those named "events"; or all there are,
/// when they have one name between them, or none. One that would not be served is a mistake, since
/// what producers write there would be lost.
struct handed_over_sockets {
  std::vector<int> listening;  // none: it handed over nothing
  std::string mistake;         // which descriptor prevents the start, and why; empty for none
};
handed_over_sockets sockets_of_service_manager();

}  // namespace vibes::io
