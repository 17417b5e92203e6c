#include <charconv>

#include "config/command_line_parts.hpp"
#include "config/nearest.hpp"

namespace vibes::config {

CLI::Validator whole_number(std::uint64_t min, std::uint64_t max) {
  const std::string range = std::to_string(min) + " to " + std::to_string(max);
  return CLI::Validator(
      [min, max, range](std::string& text) {
        // Digits only: a minus would wrap around in an unsigned number.
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole = error == std::errc() && end == text.data() + text.size();
        if (whole && min <= value && value <= max) return std::string();
        return "must be a whole number from " + range + ", not \"" + text + "\"";
      },
      "", "whole_number");
}

CLI::Validator not_empty() {
  return CLI::Validator(
      [](std::string& text) {
        return text.empty() ? std::string("must not be empty") : std::string();
      },
      "", "not_empty");
}

CLI::Validator one_of(std::vector<std::string> names) {
  return CLI::Validator(
      [names = std::move(names)](std::string& text) {
        std::string all;
        for (const std::string& each : names) {
          if (each == text) return std::string();
          all += (all.empty() ? "" : ", ") + each;
        }
        return "must be one of " + all + ", not \"" + text + "\"" + did_you_mean(text, names);
      },
      "", "one_of");
}

}  // namespace vibes::config
