#include "protocol/server_texts.hpp"

#include <algorithm>

namespace vibes::protocol {
namespace {

constexpr bool is_printable(char each) noexcept {
  return ' ' <= each && each <= '~';
}

/// Of IPv4, IPv6 (with brackets and a zone, perhaps) and host names, those with underscores too.
constexpr bool is_of_address(char each) noexcept {
  const bool letter = ('a' <= each && each <= 'z') || ('A' <= each && each <= 'Z');
  const bool digit = '0' <= each && each <= '9';
  return letter || digit || std::string_view(".-_:%[]").find(each) != std::string_view::npos;
}

}  // namespace

std::string believable_version(std::string told) {
  const bool sound = told.size() <= version_bytes_max && std::ranges::all_of(told, is_printable);
  return sound ? std::move(told) : std::string();
}

std::string believable_name(std::string told) {
  return told.size() <= name_bytes_max ? std::move(told) : std::string();
}

bool is_node_address(std::string_view told) noexcept {
  return told.size() <= name_bytes_max && std::ranges::all_of(told, is_of_address);
}

}  // namespace vibes::protocol
