#include "daemon/base/base64.hpp"

#include <array>
#include <cstdint>

namespace vibes {
namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint32_t octet(char of) {
  return static_cast<unsigned char>(of);
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t left = bytes.size() - at;
    const std::uint32_t group = (octet(bytes[at]) << 16) |
                                (left > 1 ? octet(bytes[at + 1]) << 8 : 0) |
                                (left > 2 ? octet(bytes[at + 2]) : 0);
    text += digits[(group >> 18) & 63];
    text += digits[(group >> 12) & 63];
    text += left > 1 ? digits[(group >> 6) & 63] : '=';
    text += left > 2 ? digits[group & 63] : '=';
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::uint32_t group = 0;
    std::size_t padding = 0;
    for (const char each : text.substr(at, 4)) {
      const std::size_t value = digits.find(each);
      const bool pads = each == '=' && at + 4 == text.size();
      if (pads) ++padding;
      if (!pads && (value == std::string_view::npos || padding > 0)) return std::nullopt;
      group = (group << 6) | (pads ? 0 : static_cast<std::uint32_t>(value));
    }
    if (padding > 2) return std::nullopt;
    const std::array<char, 3> octets = {static_cast<char>(group >> 16),
                                        static_cast<char>(group >> 8), static_cast<char>(group)};
    bytes.append(octets.data(), 3 - padding);
  }
  return to_base64(bytes) == text ? std::optional(bytes) : std::nullopt;
}

}  // namespace vibes
