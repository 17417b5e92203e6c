#include "daemon/base/log.hpp"

#include <cstdio>

#include "daemon/base/terminal_text.hpp"

namespace vibes {
namespace {

void write_to_standard_error(log_level level, std::string_view message) {
  std::fprintf(stderr, "<%d>%.*s\n", static_cast<int>(level), static_cast<int>(message.size()),
               message.data());
}

log_function current_sink = write_to_standard_error;
log_level current_threshold = log_level::info;

}  // namespace

bool log_enabled(log_level level) noexcept {
  return level <= current_threshold;
}

void log(log_level level, std::string_view message) {
  if (log_enabled(level)) current_sink(level, one_line(message));
}

void set_log_sink(log_function sink, log_level threshold) noexcept {
  current_sink = sink != nullptr ? sink : write_to_standard_error;
  current_threshold = threshold;
}

}  // namespace vibes
