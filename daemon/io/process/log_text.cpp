#include "daemon/io/process/log_text.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace vibes::io {
namespace {

const char* name_of(log_level level) {
  switch (level) {
    case log_level::critical: return "critical";
    case log_level::error: return "error";
    case log_level::warning: return "warning";
    case log_level::notice: return "notice";
    case log_level::info: return "info";
    case log_level::debug: return "debug";
  }
  return "unknown";
}

std::string time_text(std::time_t now) {
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace

std::string format_log_line(log_form form, log_level level, std::string_view message,
                            std::time_t now) {
  switch (form) {
    case log_form::journal:
      return "<" + std::to_string(static_cast<int>(level)) + ">" + std::string(message);
    case log_form::json:
      return boost::json::serialize(boost::json::object{
          {"time", time_text(now)}, {"level", name_of(level)}, {"message", std::string(message)}});
    case log_form::automatic:
    case log_form::text: break;
  }
  return time_text(now) + " " + name_of(level) + ": " + std::string(message);
}

}  // namespace vibes::io
