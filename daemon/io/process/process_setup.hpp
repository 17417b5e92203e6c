#pragma once

#include <optional>

#include "daemon/base/signal_policy.hpp"
#include "daemon/base/time.hpp"

namespace vibes::io {

/// Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed, so that no file or socket
/// of ours becomes standard error and gets the log. Reading from or writing to such a descriptor
/// still fails, as it would with a closed one. False when there is no /dev/null. To be called
/// before anything is opened.
bool open_standard_streams() noexcept;

/// Ignores `ignored_signals`, and holds `handled_signals` back in this thread and in those that it
/// starts: a signal that comes during the start waits for release_signals(). Gives what a hangup
/// means here.
signal_surroundings hold_signals(bool service_manager) noexcept;
/// One of `handled_signals` that came since, or comes within this time; it is taken.
std::optional<int> held_signal_within(duration) noexcept;
/// In the thread of the loop, once there are handlers.
void release_signals() noexcept;

/// Ends the process with this code after so many seconds, if it has not ended by then: for what can
/// only be joined, such as a thread in a system call that may never return.
void leave_within(unsigned seconds, int exit_code) noexcept;

/// From now on an allocation that fails gets the reserve once (daemon/base/memory_reserve.hpp), and
/// one that fails after it ends the process with this code and a line on standard error, in
/// whatever thread it is.
void leave_when_memory_is_out(int exit_code);

}  // namespace vibes::io
