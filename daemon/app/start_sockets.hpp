#pragma once

#include <vector>

#include "config/settings.hpp"
#include "daemon/app/start_check.hpp"
#include "daemon/io/sockets/unix_socket_file.hpp"

namespace vibes::app {

/// What producers and operators connect to.
struct start_sockets {
  std::vector<int> events;  // listening; for whoever takes them over
  std::size_t connections_max = 1;
  io::unix_listener events_file;  // its lock and path, when it is our own
  io::unix_listener admin;

  bool events_inherited() const noexcept { return events_file.path().empty(); }
};

/// Makes the directories of the settings and listens, or takes over what the service manager has
/// made and says in the log how that differs from the settings. After an error `why` has a line for
/// people.
result<start_sockets> open_sockets(const config::settings&, start_failure& why);

}  // namespace vibes::app
