#include "daemon/base/terminal_text.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

#include "daemon/base/utf8.hpp"

namespace vibes {
namespace {

struct code_point {
  char32_t value = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

/// The first of a text that is not empty. What is no UTF-8 is one byte.
code_point first_of(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const std::string_view whole = text.substr(0, bytes);
  if (whole.size() < bytes || !is_valid_utf8(whole)) return {first, 1, false};
  if (bytes == 1) return {first, 1, true};
  char32_t value = first & (0xffU >> (bytes + 1));
  for (const char each : whole.substr(1)) {
    value = (value << 6) | (static_cast<unsigned char>(each) & 0x3fU);
  }
  return {value, bytes, true};
}

/// C0, DEL and C1; separators of lines and paragraphs; marks, embeddings, overrides and isolates of
/// the direction of writing.
bool steers(char32_t value) {
  return value < 0x20 || (0x7f <= value && value <= 0x9f) || value == 0x061c || value == 0x200e ||
         value == 0x200f || (0x2028 <= value && value <= 0x202e) ||
         (0x2066 <= value && value <= 0x2069);
}

std::string escape(const code_point& of) {
  if (of.valid && of.value == '\n') return "\\n";
  if (of.valid && of.value == '\r') return "\\r";
  if (of.valid && of.value == '\t') return "\\t";
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), of.valid ? "\\u%04x" : "\\x%02x",
                static_cast<unsigned>(of.value));
  return text.data();
}

std::string shown(std::string_view text, bool keeps_lines, std::size_t bytes_max) {
  std::string out;
  for (std::string_view left = text; !left.empty();) {
    const code_point next = first_of(left);
    const bool layout = keeps_lines && (next.value == '\n' || next.value == '\t');
    const bool plain = next.valid && (layout || !steers(next.value));
    const std::string piece = plain ? std::string(left.substr(0, next.bytes)) : escape(next);
    if (out.size() + piece.size() > bytes_max) {
      return out + "... (" + std::to_string(text.size()) + " bytes)";
    }
    out += piece;
    left.remove_prefix(next.bytes);
  }
  return out;
}

}  // namespace

std::string one_line(std::string_view text, std::size_t bytes_max) {
  return shown(text, false, bytes_max);
}

std::string printable_lines(std::string_view text) {
  return shown(text, true, std::string::npos);
}

}  // namespace vibes
