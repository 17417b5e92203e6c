#pragma once

#include <ctime>
#include <string>

#include "daemon/base/log.hpp"

namespace vibes::io {

enum class log_form : std::uint8_t {
  automatic,  // journal when standard error is the journal's, else text
  journal,    // "<N>message": the journal takes the priority from the prefix
  text,       // time, level, message
  json,       // one object a line
};

/// The line as it is written, without its LF. `automatic` is as text.
std::string format_log_line(log_form, log_level, std::string_view message, std::time_t now);

}  // namespace vibes::io
