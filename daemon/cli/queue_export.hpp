#pragma once

#include "daemon/cli/command_output.hpp"
#include "daemon/cli/queue_offline.hpp"

namespace vibes::cli {

/// Copies the payload of every waiting event, one a line, to the output, or to a file when the
/// options name one. The file is there when the copy is whole and on disk, or not at all; it may
/// lack events that could not be read, and then the outcome says how many.
outcome export_events(queue_end& from, const config::queue_options&, command_output&);

}  // namespace vibes::cli
