#pragma once

#include <optional>

#include "config/command_line.hpp"
#include "config/settings.hpp"

/// One function for each subcommand, each in a file of its own; all give the exit code.
namespace vibes::command {

int run_command(const config::run_options&);
int run_command(const config::check_options&);
int run_command(const config::send_options&);
int run_command(const config::status_options&);
int run_command(const config::queue_options&);
int run_command(const config::tail_options&);

/// The settings, or nothing after every mistake was printed.
std::optional<config::settings> load_settings(const config::config_file_option&);

}  // namespace vibes::command
