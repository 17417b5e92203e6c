#pragma once

#include <string>
#include <vector>

namespace vibes::test {

/// Something a producer might send by mistake or malice, and what the daemon makes of each of its
/// lines: "TYPE of KEY" for an event taken, a code's name for a line refused, "ignored" for blanks.
struct odd_input {
  std::string name;
  std::string bytes;
  std::vector<std::string> outcomes;
};

inline constexpr std::size_t odd_line_bytes_max = 4'096;

/// Lines that are text and meant as events.
std::vector<odd_input> odd_events();
/// Other formats, other protocols, other encodings, and bytes that cut lines in odd places.
std::vector<odd_input> odd_bytes();

}  // namespace vibes::test
