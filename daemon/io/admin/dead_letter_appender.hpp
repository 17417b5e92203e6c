#pragma once

#include <deque>
#include <string>

#include "daemon/admin/dead_letter_log.hpp"

namespace vibes::io {

/// Opens the dead letter file for appending, makes it (mode 0600) when it is missing, and closes it
/// again: whether it can be used at all. Its directory has to be there.
error_code try_dead_letter_file(const std::string& path);

/// Appends whole lines to the dead letter file and moves it aside in time. It opens the file anew
/// for each call, so that a file that was moved or deleted meanwhile is no trouble. May block; no
/// fsync.
class dead_letter_appender {
 public:
  dead_letter_appender(std::string path, std::uint64_t bytes_max)
      : path_(std::move(path)), bytes_max_(bytes_max) {}

  struct outcome {
    std::size_t lines = 0;              // of the front, written whole
    std::size_t bytes = 0;              // of these
    std::uint64_t rotated_entries = 0;  // lines that went with an old file
    std::uint64_t files_bytes = 0;      // both files afterwards
    error_code error;                   // why not all
  };
  /// Each line ends with LF and has at most half of bytes_max.
  outcome append(const std::deque<std::string>& lines) const;

 private:
  std::string path_;
  std::uint64_t bytes_max_;
};

}  // namespace vibes::io
