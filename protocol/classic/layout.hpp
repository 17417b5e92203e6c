#pragma once

#include <cstddef>
#include <cstdint>

/// Byte offsets and sizes of the classic wire (docs/wire.md, "Framing" and "Message layout").
namespace vibes::protocol::classic {

inline constexpr std::size_t frame_header_size = 8;  // [length][code] and [status][length]
inline constexpr std::size_t code_size = 4;          // counted in a request's length
inline constexpr std::size_t frame_body_size_max = 0xffff'ffff - code_size;
inline constexpr std::size_t index_entry_size = 16;

/// What a message of 0.4 adds to its payload: an id and two lengths (docs/wire.md, "Messages of
/// 0.4").
inline constexpr std::size_t headers_first_size = 24;

/// A message's header; 0.7 and later add eight reserved bytes at the end.
struct message_header {
  static constexpr std::size_t checksum = 0;
  static constexpr std::size_t id = 8;
  static constexpr std::size_t offset = 24;
  static constexpr std::size_t timestamp = 32;
  static constexpr std::size_t origin_timestamp = 40;
  static constexpr std::size_t user_headers_length = 48;
  static constexpr std::size_t payload_length = 52;
  static constexpr std::size_t size_0_6 = 56;
  static constexpr std::size_t size_0_7 = 64;
};
static_assert(message_header::id + 16 == message_header::offset);
static_assert(message_header::origin_timestamp + 8 == message_header::user_headers_length);
static_assert(message_header::payload_length + 4 == message_header::size_0_6);
static_assert(message_header::size_0_6 + 8 == message_header::size_0_7);

/// Topic and partition records of get_topic and create_topic (docs/wire.md, "Topology records").
inline constexpr std::size_t partition_record_size = 40;

inline constexpr std::uint64_t never_expire = ~std::uint64_t{0};
inline constexpr std::uint8_t no_compression = 1;

}  // namespace vibes::protocol::classic
