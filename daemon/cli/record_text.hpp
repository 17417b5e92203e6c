#pragma once

#include <string>

#include "daemon/consumer/consumer.hpp"

namespace vibes::cli {

/// A record as one line: JSON (an event's payload as the object it is, anything else as a string),
/// or aligned for people.
std::string record_json(const consumer::record&);
std::string record_human(const consumer::record&);

/// The event's session key, as partitioning sees it; nothing when the payload is no event.
std::optional<std::string> session_of(const consumer::record&);

}  // namespace vibes::cli
