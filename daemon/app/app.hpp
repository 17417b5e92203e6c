#pragma once

#include "config/settings.hpp"

namespace vibes::app {

/// The daemon, until it is told to stop. Gives the exit code (config/exit_code.hpp). What prevents
/// a start is logged and told to the service manager in one line; Iggy being away prevents nothing.
int run_app(const config::settings&);

}  // namespace vibes::app
