#pragma once

#include <optional>
#include <vector>

#include "daemon/app/descriptor_budget.hpp"
#include "daemon/base/log.hpp"
#include "daemon/base/signal_policy.hpp"
#include "daemon/base/time.hpp"
#include "daemon/store/outbox.hpp"

/// The lines that a run logs of its own start and end, as values.
namespace vibes::app {

/// The system allows fewer producers at a time than the settings do; nothing when it does not.
std::optional<log_line> few_descriptors_line(const descriptor_budget&,
                                             std::uint64_t connections_max);

/// What a signal meant; nothing for one that means nothing.
std::optional<log_line> signal_line(int signal, signal_reaction);
log_line memory_out_line();
/// The stop begins; it waits for the queue as long as `drain`.
log_line stopping_line(std::uint64_t queued_events, duration drain);
log_line not_worth_the_wait_line();
/// `lost`: how many dead letters their disk did not take; nothing when it has not answered.
std::optional<log_line> dead_letters_end_line(std::optional<std::uint64_t> lost);
log_line note_hangs_line();

/// What the stop has left behind. The last line has what the whole run has lost, for whatever
/// reason.
std::vector<log_line> left_behind_lines(const store::left_behind&);

}  // namespace vibes::app
