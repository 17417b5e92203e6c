#pragma once

#include <string_view>

namespace vibes::command {

/// One line on standard error. It may quote anything: a file, an argument, an answer.
void complain(std::string_view text);

}  // namespace vibes::command
