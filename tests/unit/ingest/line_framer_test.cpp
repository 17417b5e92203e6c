#include "daemon/ingest/line_framer.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "tests/support/seed.hpp"
#include "tests/unit/ingest/framing_support.hpp"

namespace vibes::test {
namespace {

using namespace std::string_view_literals;
using ingest::framed_line;
using ingest::line_framer;

constexpr std::size_t limit = 8;

const seen_line too_long{framed_line::kind::too_long, ""};

seen_line complete(std::string_view text) {
  return {framed_line::kind::complete, std::string(text)};
}

seen_lines in_one_piece(std::string_view stream) {
  line_framer framer(limit);
  seen_lines seen;
  feed_piece(framer, stream, seen);
  end_stream(framer, seen);
  return seen;
}

struct framing {
  const char* name;
  std::string_view stream;
  seen_lines lines;
};

const std::vector<framing>& framings() {
  static const std::vector<framing> all = {
      {"nothing at all", "", {}},
      {"one line", "abc\n", {complete("abc")}},
      {"a last line without its end", "abc\nde", {complete("abc"), complete("de")}},
      {"only a line without its end", "abc", {complete("abc")}},
      {"CRLF", "abc\r\nde\r\n", {complete("abc"), complete("de")}},
      {"LF and CRLF mixed", "a\r\nb\nc\r\n", {complete("a"), complete("b"), complete("c")}},
      {"empty lines count for the framer",
       "\n\r\na\n\n",
       {complete(""), complete(""), complete("a"), complete("")}},
      {"only one CR belongs to the end", "a\r\r\n", {complete("a\r")}},
      {"a CR inside a line is text", "a\rb\n", {complete("a\rb")}},
      {"LF CR is an end and a text", "a\n\rb\n", {complete("a"), complete("\rb")}},
      {"a CR at end of input ends the line", "ab\r", {complete("ab")}},
      {"only a CR at end of input", "\r", {complete("")}},
      {"a line of the limit", "12345678\nb\n", {complete("12345678"), complete("b")}},
      {"a line of the limit with CRLF", "12345678\r\nb\n", {complete("12345678"), complete("b")}},
      {"a line of the limit at end of input", "12345678", {complete("12345678")}},
      {"a line of the limit and a CR at end of input", "12345678\r", {complete("12345678")}},
      {"one byte over", "123456789\nb\n", {too_long, complete("b")}},
      {"one byte over with CRLF", "123456789\r\nb\n", {too_long, complete("b")}},
      {"over by a CR that is text", "12345678\r\r\nb\n", {too_long, complete("b")}},
      {"over at end of input", "a\n123456789", {complete("a"), too_long}},
      {"far over",
       "a\n123456789012345678901234567890\nb\n",
       {complete("a"), too_long, complete("b")}},
      {"far over at end of input", "a\n1234567890123456789", {complete("a"), too_long}},
      {"two over-long lines in a row",
       "1234567890\n1234567890\nb",
       {too_long, too_long, complete("b")}},
      {"an over-long line, then an empty one",
       "1234567890\n\nb\n",
       {too_long, complete(""), complete("b")}},
      {"NUL is text", "a\0b\n\0\nc\n"sv, {complete("a\0b"sv), complete("\0"sv), complete("c")}},
      {"a BOM is text", "\xef\xbb\xbfm\nb\n", {complete("\xef\xbb\xbfm"), complete("b")}},
      {"other line ends are text",
       "a\vb\fc\n\xc2\x85\n\xe2\x80\xa8\n",
       {complete("a\vb\fc"), complete("\xc2\x85"), complete("\xe2\x80\xa8")}},
  };
  return all;
}

TEST_CASE("A stream in one piece gives these lines", "[line_framer]") {
  for (const framing& each : framings()) {
    CAPTURE(each.name);
    CHECK(in_one_piece(each.stream) == each.lines);
  }
}

TEST_CASE("Two cuts at any places change no line", "[line_framer]") {
  for (const framing& each : framings()) {
    for (std::size_t first = 0; first <= each.stream.size(); ++first) {
      for (std::size_t second = first; second <= each.stream.size(); ++second) {
        CAPTURE(each.name, first, second);
        line_framer framer(limit);
        seen_lines seen;
        feed_piece(framer, each.stream.substr(0, first), seen);
        feed_piece(framer, each.stream.substr(first, second - first), seen);
        feed_piece(framer, each.stream.substr(second), seen);
        end_stream(framer, seen);
        REQUIRE(seen == each.lines);
      }
    }
  }
}

TEST_CASE("A stream that comes byte by byte gives the same lines", "[line_framer]") {
  for (const framing& each : framings()) {
    CAPTURE(each.name);
    line_framer framer(limit);
    seen_lines seen;
    for (std::size_t at = 0; at < each.stream.size(); ++at) {
      feed_piece(framer, each.stream.substr(at, 1), seen);
    }
    end_stream(framer, seen);
    CHECK(seen == each.lines);
  }
}

/// Told apart from the framer by its simplicity: it has the whole stream.
seen_lines cut_plainly(std::string_view stream) {
  seen_lines lines;
  while (!stream.empty()) {
    const std::size_t end = std::min(stream.find('\n'), stream.size());
    std::string_view text = stream.substr(0, end);
    stream.remove_prefix(std::min(end + 1, stream.size()));
    if (text.ends_with('\r')) text.remove_suffix(1);
    lines.push_back(text.size() > limit ? too_long : complete(text));
  }
  return lines;
}

TEST_CASE("Random streams in random pieces are cut as the whole would be", "[line_framer]") {
  std::mt19937_64 random(random_seed());
  for (int round = 0; round < 3'000; ++round) {
    std::string stream;
    for (std::size_t size = random() % 80; size > 0; --size) stream += "\n\r\0ab{\"x"[random() % 8];
    line_framer framer(limit);
    seen_lines seen;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 14, stream.size() - at);
      feed_piece(framer, std::string_view(stream).substr(at, size), seen);
      at += size;
    }
    end_stream(framer, seen);
    CAPTURE(round, stream);
    REQUIRE(seen == cut_plainly(stream));
  }
}

}  // namespace
}  // namespace vibes::test
