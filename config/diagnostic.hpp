#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vibes::config {

/// One mistake, or what deserves a warning: where it is and what to do about it.
struct diagnostic {
  std::string source;      // a file, or "environment NAME"
  std::uint32_t line = 0;  // from 1; 0 when the source has no lines
  std::uint32_t column = 0;
  std::string message;

  /// "FILE:LINE:COLUMN: error: MESSAGE"
  std::string text() const;
  /// "FILE:LINE:COLUMN: warning: MESSAGE"
  std::string warning_text() const;
  std::string place() const;  // "FILE:LINE:COLUMN"
};

using diagnostics = std::vector<diagnostic>;

}  // namespace vibes::config
