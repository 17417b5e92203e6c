#pragma once

#include <array>
#include <string_view>

namespace vibes::config {

/// What the program's exit codes mean; the numbers are those of sysexits. docs/exit-codes.md.
enum class exit_code : int {
  ok = 0,
  failed = 1,
  usage = 64,
  event_refused = 65,
  unavailable = 69,
  cannot_create = 73,
  input_output = 74,
  timed_out = 75,
  not_permitted = 77,
  bad_configuration = 78,
};

struct exit_code_description {
  exit_code code;
  std::string_view name;
  std::string_view meaning;
};

inline constexpr std::array exit_codes = {
    exit_code_description{exit_code::ok, "ok", "all went well"},
    exit_code_description{exit_code::failed, "failed",
                          "something unexpected; the line before says what"},
    exit_code_description{exit_code::usage, "usage", "the command line is wrong"},
    exit_code_description{exit_code::event_refused, "event_refused",
                          "at least one event was refused"},
    exit_code_description{exit_code::unavailable, "unavailable", "no daemon or no Iggy answers"},
    exit_code_description{exit_code::cannot_create, "cannot_create",
                          "a socket or file cannot be created, or it or the journal is in use"},
    exit_code_description{exit_code::input_output, "input_output",
                          "the output could not be written, or an input not be read"},
    exit_code_description{exit_code::timed_out, "timed_out", "the deadline passed first"},
    exit_code_description{exit_code::not_permitted, "not_permitted",
                          "Iggy or the system does not allow it"},
    exit_code_description{exit_code::bad_configuration, "bad_configuration",
                          "the settings have mistakes"},
};

constexpr int to_int(exit_code code) noexcept {
  return static_cast<int>(code);
}

}  // namespace vibes::config
