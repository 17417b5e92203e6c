#pragma once

#include <string>
#include <string_view>

#include "daemon/base/result.hpp"

namespace vibes::cli {

/// "PreToolUse" and "pre_tool_use" are the same hook; the event carries the latter.
std::string hook_type_name(std::string_view type);

/// A coding tool's hook payload, one JSON object over any number of lines, as a VibesEvent of one
/// line:
/// {"type":"hook","session_id":...,"event":{"type":"pre_tool_use", ...the payload's fields}}.
/// The payload's own "type" gives way to the hook's. Numbers are written anew and may change their
/// spelling (1.0e2 becomes 1E2), never their value. errc::invalid_argument for anything but an
/// object.
result<std::string> wrap_hook(std::string_view type, std::string_view payload);

}  // namespace vibes::cli
