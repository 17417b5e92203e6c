#pragma once

#include <string>
#include <vector>

#include "daemon/base/log.hpp"
#include "daemon/queue/journal_keeper.hpp"

namespace vibes::control {

/// One line about how the journal in `directory` is: what was found, or what is wrong and what
/// happens meanwhile.
std::string explain_journal(const queue::journal_keeper&, const std::string& directory);

/// What is wrong with a directory that was opened, a line for each kind of damage; none when all is
/// well.
std::vector<std::string> explain_damage(const queue::recovery_report&);

/// How serious that line is.
log_level journal_log_level(const queue::journal_keeper&) noexcept;

}  // namespace vibes::control
