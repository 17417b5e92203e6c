#pragma once

#include <cstdint>

#include "daemon/base/log.hpp"

namespace vibes::runtime {

enum class log_form : std::uint8_t {
  automatic,  // journal when standard error is the journal's, else text
  journal,    // "<N>message": the journal takes the priority from the prefix
  text,       // time, level, message
  json,       // one object a line
};

/// Puts Boost.Log behind daemon/base/log.hpp: lines are formatted here and written by a thread of
/// its own from a bounded queue, so that a reader of standard error that stalls cannot stall the
/// loop. Lines that find the queue full are dropped and counted.
void start_log_sink(log_level threshold, log_form form);

/// Writes what is queued and stops the thread. Later lines go to standard error directly.
void stop_log_sink();

std::uint64_t log_lines_dropped() noexcept;

}  // namespace vibes::runtime
