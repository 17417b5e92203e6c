#pragma once

#include <optional>

#include "config/command_line.hpp"
#include "config/load.hpp"
#include "config/settings.hpp"
#include "daemon/cli/command_output.hpp"

/// One function for each subcommand, each in a file of its own; all give the exit code, and write
/// their results to the output, of which main tells whether it could be written.
namespace vibes::cli {

int run_command(const config::run_options&, command_output&);
int run_command(const config::check_options&, command_output&);
int run_command(const config::send_options&, command_output&);
int run_command(const config::status_options&, command_output&);
int run_command(const config::queue_options&, command_output&);
int run_command(const config::tail_options&, command_output&);

/// What of the settings a command needs.
enum class settings_need {
  all,       // `run` and `check`: those of whoever calls them, every mistake counts
  tool,      // those of the daemon that there is
  no_login,  // the same, and secrets are not looked for: they may be readable for the daemon only
};

/// The settings with what is wrong with them. `verbose` says which they are.
config::load_result read_settings(const config::config_file_option&, settings_need,
                                  bool verbose = false);

/// The settings, or nothing after every mistake was printed.
std::optional<config::settings> load_settings(const config::config_file_option&, settings_need,
                                              bool verbose = false);

}  // namespace vibes::cli
