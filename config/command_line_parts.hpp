#pragma once

#include <CLI/CLI.hpp>

#include "config/command_line.hpp"

// What the files of the command line share.

namespace vibes::config {

/// Digits alone that make a number from `min` to `max`.
CLI::Validator whole_number(std::uint64_t min, std::uint64_t max);
/// An option that was given has to say something: without it would mean something else.
CLI::Validator not_empty();
/// One of these, or the nearest of them is offered.
CLI::Validator one_of(std::vector<std::string> names);

/// The first command or long option that nobody knows, with the nearest that is known:
/// "stauts" is not known (did you mean "status"?). Empty when all are known.
std::string unknown_word(const CLI::App&, int argc, const char* const* argv);

/// --config, with its default.
void add_config(CLI::App&, config_file_option&);

/// -v.
void add_verbose(CLI::App&, bool& verbose);

/// The `queue` group.
void add_queue(CLI::App&, queue_options&);
/// What its options cannot say of themselves; empty when nothing is wrong.
std::string check_together(const queue_options&);

}  // namespace vibes::config
