#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"
#include "daemon/base/result.hpp"

namespace vibes::app {

/// Why the daemon cannot start, and a line that says so.
struct start_failure {
  error_code error;
  std::string text;
};

/// What is in the way of making a socket or file: "PATH cannot be made: ...".
std::string place_advice(const std::string& path, const error_code&);

/// What a start would fail at, in the order in which it would, found without changing anything: the
/// directories of sockets and dead letters, the socket's group. Asked by `run` before it begins and
/// by `check`, so that both say the same. What can only be tried (who else uses a socket or the
/// journal) is not among it. `events_inherited`: the service manager hands the events' socket over.
std::vector<start_failure> start_obstacles(const config::settings&, bool events_inherited);

}  // namespace vibes::app
