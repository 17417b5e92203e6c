#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/ingest/line_framer.hpp"

namespace vibes::test {

/// A framed line that owns its text, so that a whole stream's lines can be compared.
struct seen_line {
  ingest::framed_line::kind what = ingest::framed_line::kind::complete;
  std::string text;
  friend bool operator==(const seen_line&, const seen_line&) = default;
};
using seen_lines = std::vector<seen_line>;

inline std::ostream& operator<<(std::ostream& to, const seen_line& line) {
  using kind = ingest::framed_line::kind;
  if (line.what == kind::too_long) return to << "<too long>" << line.text;
  if (line.what == kind::given_up) return to << "<given up>" << line.text;
  return to << '"' << line.text << '"';
}

inline seen_line own(const ingest::framed_line& line) {
  return {line.what, std::string(line.text)};
}

/// Feeds one piece and takes all lines that it completes. The piece is a copy of exactly its size
/// that is gone afterwards: a framer that keeps a view of it fails under the sanitizer.
inline void feed_piece(ingest::line_framer& framer, std::string_view bytes, seen_lines& into) {
  const std::vector<char> piece(bytes.begin(), bytes.end());
  framer.feed({piece.data(), piece.size()});
  while (const auto line = framer.next()) into.push_back(own(*line));
}

inline void end_stream(ingest::line_framer& framer, seen_lines& into) {
  if (const auto line = framer.finish()) into.push_back(own(*line));
}

}  // namespace vibes::test
