#pragma once

#include "daemon/cli/command_output.hpp"
#include "daemon/cli/daemon_sockets.hpp"

namespace vibes::cli {

/// Sends the payloads of a dead letter file to the events' socket, those that can be sent; prints
/// the fate of the others, and how many were taken.
outcome requeue(const config::queue_options&, command_output&);

}  // namespace vibes::cli
