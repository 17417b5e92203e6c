#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"
#include "daemon/io/process/handed_socket.hpp"

namespace vibes::app {

/// In what the settings differ from the sockets that were handed over, in words; empty when they do
/// not. The settings do not count then, but commands find the daemon by them.
std::string explain_difference(const config::socket_settings&,
                               const std::vector<io::handed_socket>&);

}  // namespace vibes::app
