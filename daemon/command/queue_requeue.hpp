#pragma once

#include "daemon/command/command_output.hpp"
#include "daemon/command/daemon_sockets.hpp"

namespace vibes::command {

/// Sends the payloads of a dead letter file to the events' socket, those that can be sent; prints
/// the fate of the others, and how many were taken.
outcome requeue(const config::queue_options&, command_output&);

}  // namespace vibes::command
