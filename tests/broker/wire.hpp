#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace vibes::broker {

using bytes = std::vector<std::byte>;
using bytes_view = std::span<const std::byte>;

// The wire is little-endian in every generation, and so is every machine this broker is meant for.
static_assert(std::endian::native == std::endian::little);

template <class Number>
Number load(const std::byte* from) {
  Number value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class Number>
void save(std::byte* to, Number value) {
  std::memcpy(to, &value, sizeof value);
}

template <class Number>
void put(bytes& to, Number value) {
  const std::size_t at = to.size();
  to.resize(at + sizeof value);
  save(to.data() + at, value);
}

inline void put_bytes(bytes& to, bytes_view from) {
  to.insert(to.end(), from.begin(), from.end());
}

inline bytes_view as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string_view as_text(bytes_view from) {
  return {reinterpret_cast<const char*>(from.data()), from.size()};
}

/// Text with its length before it, as the wire has it: u8 for names, u32 for longer things.
template <class Length>
void put_text(bytes& to, std::string_view text) {
  put(to, static_cast<Length>(text.size()));
  put_bytes(to, as_bytes(text));
}

}  // namespace vibes::broker
