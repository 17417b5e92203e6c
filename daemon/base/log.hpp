#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vibes {

/// Severities in the order of syslog, most serious first. The number is the journald priority.
enum class log_level : std::uint8_t {
  critical = 2,
  error = 3,
  warning = 4,
  notice = 5,
  info = 6,
  debug = 7
};

using log_function = void (*)(log_level, std::string_view message);

/// Hands one line to the installed sink (standard error until one is installed). The message may
/// quote what comes from outside: it is escaped and cut here (terminal_text.hpp). Loop thread and
/// command-line code only; rooms that decide never log, they count and return.
void log(log_level level, std::string_view message);

/// A line of the log as a value: given by what decides what is logged, and logged by whoever asked.
struct log_line {
  log_level level = log_level::info;
  std::string text;

  bool operator==(const log_line&) const = default;
};
inline void log(const log_line& line) {
  log(line.level, line.text);
}

/// True when a line of this level would be written: check before formatting an expensive one.
bool log_enabled(log_level level) noexcept;

/// Installed by daemon/io/process/log_sink at start.
void set_log_sink(log_function sink, log_level threshold) noexcept;

}  // namespace vibes
