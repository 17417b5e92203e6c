#pragma once

#include <string>
#include <string_view>

#include "daemon/journal/file_system.hpp"

// One small file beside the segments: what a run of the daemon says of itself to the next one
// (docs/journal-format.md, "The note of a run"). Its text belongs to the caller.

namespace vibes::journal {

inline constexpr std::string_view run_note_name = "last-run";
inline constexpr std::string_view new_run_note_name = "last-run.new";  // while it is written
inline constexpr std::size_t run_note_bytes_max = 4'096;

constexpr bool is_run_note(std::string_view name) noexcept {
  return name == run_note_name || name == new_run_note_name;
}

/// Replaces the note. Whatever happens meanwhile, the whole old one or the whole new one is found
/// later. The text has at most run_note_bytes_max; a longer one is EMSGSIZE.
error_code write_run_note(file_system&, std::string_view text);

/// Empty when there is none. A file that is too long to be a note is EMSGSIZE.
result<std::string> read_run_note(file_system&);

}  // namespace vibes::journal
