#include "tests/fuzz/target.hpp"
#include "tests/unit/ingest/framing_support.hpp"
#include "tests/unit/ingest/odd_inputs.hpp"
#include "tests/unit/protocol/reply_support.hpp"

// An input is the limit of a line, the size of the pieces that the bytes come in, and the bytes of
// a producer.

namespace vibes::test {
namespace {

using ingest::framed_line;
using ingest::line_framer;

struct producer_bytes {
  std::size_t line_bytes_max = 0;
  std::size_t piece_size = 1;
  std::string_view stream;
};

producer_bytes read_input(const_bytes input) {
  producer_bytes read;
  read.line_bytes_max = std::to_integer<std::size_t>(input[0]);
  read.piece_size = 1 + std::to_integer<std::size_t>(input[1]) % 32;
  read.stream = {reinterpret_cast<const char*>(input.data()) + 2, input.size() - 2};
  return read;
}

/// Lines as a plain reading of the whole stream finds them.
seen_lines lines_of(const producer_bytes& from) {
  seen_lines all;
  std::string_view left = from.stream;
  while (!left.empty()) {
    const std::size_t end = left.find('\n');
    std::string_view text = left.substr(0, end);
    left.remove_prefix(end == left.npos ? left.size() : end + 1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    const bool fits = text.size() <= from.line_bytes_max;
    all.push_back({fits ? framed_line::kind::complete : framed_line::kind::too_long,
                   fits ? std::string(text) : std::string()});
  }
  return all;
}

seen_lines framed(const producer_bytes& from, std::size_t piece_size) {
  line_framer framer(from.line_bytes_max);
  seen_lines seen;
  for (std::size_t at = 0; at < from.stream.size(); at += piece_size) {
    feed_piece(framer, from.stream.substr(at, piece_size), seen);
    // A growing string doubles, and has some room of its own.
    promise(framer.partial_bytes() <= 2 * (from.line_bytes_max + 1) + 32, "a half line is bounded");
  }
  end_stream(framer, seen);
  promise(!framer.finish().has_value(), "the end of a stream comes once");
  return seen;
}

}  // namespace

void run_lines(const_bytes input) {
  if (input.size() < 3) return;
  const producer_bytes from = read_input(input);
  const seen_lines expected = lines_of(from);
  promise(framed(from, from.stream.size()) == expected, "lines are cut where they end");
  promise(framed(from, from.piece_size) == expected, "lines do not depend on the pieces");
}

std::vector<frame_bytes> line_seeds() {
  std::vector<frame_bytes> seeds;
  for (const odd_input& each : odd_bytes()) {
    if (each.bytes.size() > 1000) continue;
    for (const char* const cut : {"0800", "0803", "ff10"}) {
      frame_bytes input = from_hex(cut);
      const frame_bytes bytes = text_bytes(each.bytes);
      input.insert(input.end(), bytes.begin(), bytes.end());
      seeds.push_back(std::move(input));
    }
  }
  return seeds;
}

}  // namespace vibes::test
