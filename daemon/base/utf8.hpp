#pragma once

#include <string_view>

namespace vibes {

/// Whether all of the text is UTF-8: no overlong forms, surrogates or code points above U+10FFFF.
constexpr bool is_valid_utf8(std::string_view text) noexcept {
  const auto octet = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  std::size_t at = 0;
  while (at < text.size()) {
    const unsigned first = octet(at);
    const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first >= 0x80 && (first < 0xc2 || first > 0xf4)) return false;
    if (at + size > text.size()) return false;
    for (std::size_t i = 1; i < size; ++i) {
      if ((octet(at + i) & 0xc0) != 0x80) return false;
    }
    if (size > 2) {
      const unsigned second = octet(at + 1);
      if (first == 0xe0 && second < 0xa0) return false;
      if (first == 0xed && second > 0x9f) return false;
      if (first == 0xf0 && second < 0x90) return false;
      if (first == 0xf4 && second > 0x8f) return false;
    }
    at += size;
  }
  return true;
}

}  // namespace vibes
