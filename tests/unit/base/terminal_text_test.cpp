#include "daemon/base/terminal_text.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

TEST_CASE("Text from outside is one line that steers nothing", "[terminal_text]") {
  struct {
    std::string text;
    std::string line;
  } const cases[] = {
      {"", ""},
      {"plain, \"quoted\", C:\\new", "plain, \"quoted\", C:\\new"},
      {"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x99\x82", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x99\x82"},
      {"a\nb\rc\td", "a\\nb\\rc\\td"},
      {std::string("\0", 1) + "\x1b[2J\x07", "\\u0000\\u001b[2J\\u0007"},
      {"\x7f", "\\u007f"},
      {"\xc2\x80 \xc2\x9b \xc2\x9f \xc2\xa0",
       "\\u0080 \\u009b \\u009f \xc2\xa0"},  // C1, and the next
      {"\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f", "\\u061c\\u200e\\u200f"},
      {"\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029"},
      {"\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf", "\\u202a\\u202e\xe2\x80\xaf"},
      {"\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
       "\xe2\x81\xa5\\u2066\\u2069\xe2\x81\xaa"},
      {"\xff\xc3", "\\xff\\xc3"},           // no UTF-8, and half a letter
      {"\xc0\x8a", "\\xc0\\x8a"},           // a line break in disguise
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},  // half a surrogate pair
  };
  for (const auto& each : cases) {
    CAPTURE(each.line);
    CHECK(one_line(each.text) == each.line);
  }
}

TEST_CASE("A line is cut between characters, and says how long it was", "[terminal_text]") {
  CHECK(one_line("abcde", 5) == "abcde");
  CHECK(one_line("abcdef", 5) == "abcde... (6 bytes)");
  CHECK(one_line("abcd\xc3\xa4", 5) == "abcd... (6 bytes)");
  CHECK(one_line("abc\x1b", 5) == "abc... (4 bytes)");
  CHECK(one_line(std::string(5'000, 'x')).size() < shown_line_bytes_max + 30);
}

TEST_CASE("Where lines are wanted they stay, and nothing is cut", "[terminal_text]") {
  CHECK(printable_lines("a\tb\nc\r\x1b[31m\n") == "a\tb\nc\\r\\u001b[31m\n");
  CHECK(printable_lines(std::string(10'000, 'x')).size() == 10'000);
}

TEST_CASE("JSON stays the JSON that it was", "[terminal_text]") {
  const std::string text = "{\"a\":\"\x7f \xc2\x9b \xe2\x80\xae\"}";
  const std::string shown = printable_lines(text);
  CHECK(shown == R"({"a":"\u007f \u009b \u202e"})");
  CHECK(boost::json::parse(shown) == boost::json::parse(text));
}

}  // namespace
}  // namespace vibes::test
