#pragma once

#include "config/command_line.hpp"
#include "daemon/cli/command_output.hpp"

namespace vibes::cli {

/// `check` without an event: every mistake in the settings, what a start would fail at, and with
/// --online what Iggy says to the login. The settings as they will be used, too, or all of it as
/// one JSON object. Gives the code that `run` would end with, or that of the failed question.
int check_settings(const config::check_options&, command_output&);

}  // namespace vibes::cli
