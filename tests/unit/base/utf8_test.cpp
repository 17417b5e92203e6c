#include "daemon/base/utf8.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace vibes::test {
namespace {

using namespace std::string_literals;

std::string encoded(unsigned code_point) {
  const auto tail = [&](unsigned shift) {
    return static_cast<char>(0x80 | ((code_point >> shift) & 0x3f));
  };
  const auto head = [&](unsigned mark, unsigned shift) {
    return static_cast<char>(mark | (code_point >> shift));
  };
  if (code_point < 0x80) return {static_cast<char>(code_point)};
  if (code_point < 0x800) return {head(0xc0, 6), tail(0)};
  if (code_point < 0x10000) return {head(0xe0, 12), tail(6), tail(0)};
  return {head(0xf0, 18), tail(12), tail(6), tail(0)};
}

TEST_CASE("Every code point is valid but surrogates and those above U+10FFFF", "[utf8]") {
  std::size_t wrong = 0;
  for (unsigned code_point = 0; code_point < 0x140000; ++code_point) {
    const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    const bool valid = !surrogate && code_point <= 0x10ffff;
    if (is_valid_utf8(encoded(code_point)) != valid) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("Sequences at the edges of what is valid", "[utf8]") {
  const struct {
    const char* name;
    std::string bytes;
    bool valid;
  } cases[] = {
      {"nothing", "", true},
      {"NUL", "\0"s, true},
      {"the last of one byte", "\x7f", true},
      {"the first continuation alone", "\x80", false},
      {"the last continuation alone", "\xbf", false},
      {"an overlong NUL", "\xc0\x80", false},
      {"an overlong DEL", "\xc1\xbf", false},
      {"the first of two bytes", "\xc2\x80", true},
      {"the last of two bytes", "\xdf\xbf", true},
      {"two bytes, the second too low", "\xc2\x7f", false},
      {"two bytes, the second too high", "\xdf\xc0", false},
      {"the last overlong of three", "\xe0\x9f\xbf", false},
      {"the first of three bytes", "\xe0\xa0\x80", true},
      {"before the surrogates", "\xed\x9f\xbf", true},
      {"the first surrogate", "\xed\xa0\x80", false},
      {"the last surrogate", "\xed\xbf\xbf", false},
      {"behind the surrogates", "\xee\x80\x80", true},
      {"the last of three bytes", "\xef\xbf\xbf", true},
      {"the last overlong of four", "\xf0\x8f\xbf\xbf", false},
      {"the first of four bytes", "\xf0\x90\x80\x80", true},
      {"the last of all", "\xf4\x8f\xbf\xbf", true},
      {"one above", "\xf4\x90\x80\x80", false},
      {"four bytes that begin too high", "\xf5\x80\x80\x80", false},
      {"five bytes", "\xf8\x88\x80\x80\x80", false},
      {"six bytes", "\xfc\x84\x80\x80\x80\x80", false},
      {"0xfe", "\xfe", false},
      {"0xff", "\xff", false},
      {"a byte order mark", "\xef\xbb\xbf", true},
      {"one continuation too many", "\xc3\xa9\x80", false},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    CHECK(is_valid_utf8(each.bytes) == each.valid);
    CHECK(is_valid_utf8("a" + each.bytes + "z") == each.valid);
    CHECK(is_valid_utf8("\xf0\x9f\x98\x80" + each.bytes) == each.valid);
  }
}

TEST_CASE("A character that is cut is invalid, at the end and before another", "[utf8]") {
  for (const std::string whole : {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    for (std::size_t size = 1; size < whole.size(); ++size) {
      CAPTURE(whole, size);
      const std::string cut = whole.substr(0, size);
      CHECK_FALSE(is_valid_utf8(cut));
      CHECK_FALSE(is_valid_utf8(cut + "a"));
      CHECK_FALSE(is_valid_utf8(cut + whole));
      CHECK_FALSE(is_valid_utf8("abc" + cut));
    }
  }
}

/// The Unicode Standard's table 3-7, "Well-Formed UTF-8 Byte Sequences", as it is printed.
struct range {
  unsigned low;
  unsigned high;
};
const std::vector<range> well_formed[] = {
    {{0x00, 0x7f}},
    {{0xc2, 0xdf}, {0x80, 0xbf}},
    {{0xe0, 0xe0}, {0xa0, 0xbf}, {0x80, 0xbf}},
    {{0xe1, 0xec}, {0x80, 0xbf}, {0x80, 0xbf}},
    {{0xed, 0xed}, {0x80, 0x9f}, {0x80, 0xbf}},
    {{0xee, 0xef}, {0x80, 0xbf}, {0x80, 0xbf}},
    {{0xf0, 0xf0}, {0x90, 0xbf}, {0x80, 0xbf}, {0x80, 0xbf}},
    {{0xf1, 0xf3}, {0x80, 0xbf}, {0x80, 0xbf}, {0x80, 0xbf}},
    {{0xf4, 0xf4}, {0x80, 0x8f}, {0x80, 0xbf}, {0x80, 0xbf}},
};

bool begins_with(std::string_view text, const std::vector<range>& row) {
  if (text.size() < row.size()) return false;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if (octet < row[i].low || octet > row[i].high) return false;
  }
  return true;
}

bool is_well_formed(std::string_view text) {
  while (!text.empty()) {
    std::size_t size = 0;
    for (const auto& row : well_formed) {
      if (begins_with(text, row)) size = row.size();
    }
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

TEST_CASE("All texts of four edge bytes are as the Unicode table has them", "[utf8]") {
  const std::string edges =
      "\x00\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5"
      "\xff"s;
  const std::size_t texts = edges.size() * edges.size() * edges.size() * edges.size();
  std::size_t valid = 0;
  std::size_t wrong = 0;
  for (std::size_t number = 0; number < texts; ++number) {
    std::string text;
    for (std::size_t rest = number; text.size() < 4; rest /= edges.size()) {
      text += edges[rest % edges.size()];
    }
    if (is_well_formed(text)) ++valid;
    if (is_well_formed(text) != is_valid_utf8(text)) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK(valid > 0);
}

}  // namespace
}  // namespace vibes::test
