#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Text from outside (a server's, a producer's, a file's) may hold what steers a terminal, ends a
// line or turns the direction of writing. Whatever shows such text passes it through here. Escapes
// read \n, \r, \t, \uNNNN for a code point and \xNN for a byte that is no UTF-8; in a JSON string
// those for code points mean what they stand for. A backslash stays as it is.

namespace vibes {

inline constexpr std::size_t shown_line_bytes_max = 4'096;

/// The text as one line: control characters (line breaks among them), DEL, C1 controls, separators
/// of lines, marks of the direction of writing, and what is no UTF-8 are escaped. Longer than
/// `bytes_max` it is cut, and says of how many bytes it was.
std::string one_line(std::string_view text, std::size_t bytes_max = shown_line_bytes_max);

/// The same for text that has lines of its own: '\n' and '\t' stay, and nothing is cut.
std::string printable_lines(std::string_view text);

}  // namespace vibes
