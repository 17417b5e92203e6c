#pragma once

#include <string>

#include "daemon/reading/consumer.hpp"

namespace vibes::command {

/// A record as one line: JSON (an event's payload as the object it is, anything else as a string),
/// or aligned for people.
std::string record_json(const reading::record&);
std::string record_human(const reading::record&);

/// The event's session key, as partitioning sees it; nothing when the payload is no event.
std::optional<std::string> session_of(const reading::record&);

}  // namespace vibes::command
