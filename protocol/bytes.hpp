#pragma once

#include <array>
#include <concepts>
#include <cstring>

#include "protocol/codec.hpp"
#include "protocol/error.hpp"

namespace vibes::protocol {

/// Stores at a place that has room for it: for what is formed in one piece, field by field.
template <std::unsigned_integral T>
void store_number(std::byte* at, T value) noexcept {
  // One plain store for the compiler, the right order on any machine.
  for (std::size_t i = 0; i < sizeof value; ++i) {
    at[i] = static_cast<std::byte>((value >> (8 * i)) & 0xff);
  }
}
inline void store_bytes(std::byte* at, const_bytes from) noexcept {
  if (!from.empty()) std::memcpy(at, from.data(), from.size());
}

/// Appends little-endian fields to a byte_vector. The first error sticks and later calls do
/// nothing, so an encoder is a plain list of fields that asks for error() once, at its end.
class byte_writer {
 public:
  explicit byte_writer(byte_vector& to, std::size_t size_max = 0xffff'ffff)
      : to_(to), begin_(to.size()), size_max_(size_max) {}

  void u8(std::uint8_t value) { number(value); }
  void u16(std::uint16_t value) { number(value); }
  void u32(std::uint32_t value) { number(value); }
  void u64(std::uint64_t value) { number(value); }
  void u128(const message_id& value) {
    number(value.low);
    number(value.high);
  }
  void bytes(const_bytes value) {
    if (!has_room(value.size())) return;
    to_.insert(to_.end(), value.begin(), value.end());
  }
  void text(std::string_view value) { bytes(std::as_bytes(std::span(value))); }

  /// One length byte and 1..255 bytes; anything else is name_length.
  void short_text(std::string_view value) {
    if (value.empty() || value.size() > 255) return fail(make_error_code(wire_errc::name_length));
    u8(static_cast<std::uint8_t>(value.size()));
    text(value);
  }
  void long_text(std::string_view value) {
    u32(static_cast<std::uint32_t>(value.size()));
    text(value);
  }

  /// Leaves room for a u32 that is known later; returns where patch_u32 finds it.
  std::size_t reserve_u32() {
    const std::size_t at = to_.size();
    u32(0);
    return at;
  }
  void patch_u32(std::size_t at, std::uint32_t value) {
    if (!error_) store_number(&to_[at], value);
  }

  std::size_t written() const noexcept { return to_.size() - begin_; }
  void fail(error_code error) {
    if (!error_) error_ = error;
  }
  /// The first error; then everything written is taken back.
  error_code finish() {
    if (error_) to_.resize(begin_);
    return error_;
  }

 private:
  template <std::unsigned_integral T>
  void number(T value) {
    if (!has_room(sizeof value)) return;
    std::array<std::byte, sizeof value> octets;
    store_number(octets.data(), value);
    to_.insert(to_.end(), octets.begin(), octets.end());
  }
  bool has_room(std::size_t more) {
    if (error_) return false;
    if (written() + more <= size_max_) return true;
    fail(make_error_code(wire_errc::value_out_of_range));
    return false;
  }

  byte_vector& to_;
  std::size_t begin_;
  std::size_t size_max_;
  error_code error_;
};

/// Reads little-endian fields and never past the end: after the first error every read gives zeros
/// or nothing, and error() says truncated.
class byte_reader {
 public:
  explicit byte_reader(const_bytes from) : from_(from) {}

  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint16_t u16() { return number<std::uint16_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  message_id u128() {
    const std::uint64_t low = u64();
    const std::uint64_t high = u64();
    return {high, low};
  }
  const_bytes take(std::size_t size) {
    if (!error_ && size > from_.size()) error_ = make_error_code(wire_errc::truncated);
    if (error_) return {};
    const const_bytes taken = from_.first(size);
    from_ = from_.subspan(size);
    return taken;
  }
  void skip(std::size_t size) { take(size); }
  std::string text(std::size_t size) {
    const const_bytes taken = take(size);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  std::string short_text() { return text(u8()); }
  std::string long_text() { return text(u32()); }

  std::size_t remaining() const noexcept { return from_.size(); }
  error_code error() const noexcept { return error_; }
  /// The first error, or trailing_bytes when something is left over.
  error_code finish() const noexcept {
    if (error_ || from_.empty()) return error_;
    return make_error_code(wire_errc::trailing_bytes);
  }

 private:
  template <std::unsigned_integral T>
  T number() {
    const const_bytes taken = take(sizeof(T));
    T value = 0;
    for (std::size_t i = 0; i < taken.size(); ++i) {
      value = static_cast<T>(value | (static_cast<T>(taken[i]) << (8 * i)));
    }
    return value;
  }

  const_bytes from_;
  error_code error_;
};

}  // namespace vibes::protocol
