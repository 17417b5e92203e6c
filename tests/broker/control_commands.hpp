#pragma once

#include <string>
#include <string_view>

namespace vibes::broker {

class server;

/// Does what one line of the control socket says, and returns the answer without its line end:
/// "ok", "ok " and what was asked for, or "error: " and what is wrong. tests/broker/README.md
/// lists the commands.
std::string obey(server& of, std::string_view line);

}  // namespace vibes::broker
