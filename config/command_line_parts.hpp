#pragma once

#include <CLI/CLI.hpp>

#include "config/command_line.hpp"

// What the files of the command line share.

namespace vibes::config {

/// --config, with its default.
void add_config(CLI::App&, config_file_option&);

/// The `queue` group.
void add_queue(CLI::App&, queue_options&);
/// What its options cannot say of themselves; empty when nothing is wrong.
std::string check_together(const queue_options&);

}  // namespace vibes::config
