#pragma once

#include <chrono>
#include <string_view>

namespace vibes::cli {

/// One line on standard error. It may quote anything: a file, an argument, an answer.
void complain(std::string_view text);

/// The same for a service, whose standard error may be a pipe that nobody reads. False when it
/// could not be written within the limit: the line, or its end, is missing then.
bool complain_within(std::string_view text, std::chrono::milliseconds limit);

}  // namespace vibes::cli
