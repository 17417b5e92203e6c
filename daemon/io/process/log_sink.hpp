#pragma once

#include <cstdint>

#include "daemon/base/time.hpp"
#include "daemon/io/process/log_text.hpp"

namespace vibes::io {

/// Puts Boost.Log behind daemon/base/log.hpp: lines are formatted here and written by a thread of
/// its own from a bounded queue, so that a reader of standard error that stalls cannot stall the
/// loop. Lines that find the queue full are dropped and counted.
void start_log_sink(log_level threshold, log_form form);

/// Writes what is queued and stops the thread; gives up after `limit`, because nobody may ever read
/// from the pipe behind standard error. False then: the thread is still in its write, with the
/// stream's lock, and the process has to end by _exit (or this is tried again). Later lines go to
/// standard error directly.
bool stop_log_sink(duration limit = std::chrono::seconds(1));

std::uint64_t log_lines_dropped() noexcept;

}  // namespace vibes::io
