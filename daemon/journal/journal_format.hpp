#pragma once

#include <vector>

#include "daemon/base/result.hpp"
#include "daemon/journal/sequence_set.hpp"
#include "protocol/codec.hpp"
#include "protocol/types.hpp"

// The journal's bytes: docs/journal-format.md, section by section. Encoding appends, decoding reads
// spans; neither knows files.

namespace vibes::journal {

using protocol::byte_vector;
using protocol::const_bytes;

// "Segment header, 64 bytes"

inline constexpr std::size_t segment_header_bytes = 64;
inline constexpr std::uint32_t journal_format_version = 1;

struct segment_header {
  std::uint64_t segment_id = 0;
  std::uint64_t first_sequence = 0;
  std::uint64_t created_at_us = 0;
  std::uint64_t writer_id = 0;
  friend bool operator==(const segment_header&, const segment_header&) = default;
};

enum class header_verdict : std::uint8_t { good, damaged, newer, older };
struct decoded_header {
  header_verdict verdict = header_verdict::damaged;
  segment_header header;  // when good
};

void encode(const segment_header&, byte_vector& to);
decoded_header decode_segment_header(const_bytes) noexcept;

// "Records"

inline constexpr std::size_t record_header_bytes = 24;
inline constexpr std::size_t record_bytes_max = 10 << 20;

enum class record_kind : std::uint8_t { event = 1, batch = 2, release = 3, identity = 4 };
enum record_flags : std::uint8_t { flag_moved = 1, flag_checkpoint = 2, flag_dissolved = 4 };
inline constexpr std::uint8_t record_flags_known = flag_moved | flag_checkpoint | flag_dissolved;

struct record_header {
  std::uint32_t length = 0;  // of the whole record
  record_kind kind = record_kind::event;
  std::uint8_t flags = 0;
  std::uint64_t sequence = 0;
  std::uint64_t checksum = 0;
};

/// Whether the first record_header_bytes can be those of a record that is at most this long: says
/// nothing about the checksum. Cheap, because the search after damage asks it for every byte.
bool plausible_record(const std::byte* at, std::uint64_t length_max) noexcept;
/// Of plausible bytes.
record_header decode_record_header(const std::byte* at) noexcept;
/// The checksum that a whole record should have.
std::uint64_t record_checksum(const_bytes record, std::uint64_t segment_id) noexcept;
/// The checksum is then no longer right.
void set_record_flags(std::span<std::byte> record, std::uint8_t flags) noexcept;
/// Writes the checksum into the record.
void seal_record(std::span<std::byte> record, std::uint64_t segment_id) noexcept;

// The kinds. Encoded records are not sealed: the checksum stays 0 until the segment is known.

struct event_record {
  std::uint64_t sequence = 0;
  protocol::message_id id;
  protocol::session_hash session = 0;
  std::uint64_t origin_time_us = 0;
  const_bytes payload;  // the caller's
};
inline constexpr std::size_t event_overhead_bytes = record_header_bytes + 28;

struct recorded_batch {
  protocol::partition_id partition = 0;
  std::uint8_t generation = 0;  // the caller's number
  std::uint64_t producer_id = 0;
  std::uint32_t epoch = 0;
  std::uint64_t base_sequence = 0;
  sequence_set events;  // at least one
  bool dissolved = false;
  friend bool operator==(const recorded_batch&, const recorded_batch&) = default;
};

/// Payload at most protocol::payload_size_max.
void encode(const event_record&, std::uint8_t flags, byte_vector& to);
void encode(const recorded_batch&, std::uint8_t flags, byte_vector& to);
/// Ends the beginning of a segment, and says nothing else.
void encode_identity(byte_vector& to);
inline constexpr std::size_t identity_body_bytes = 40;  // zeros; shorter is malformed
/// As many records as it takes to keep each body within release_body_bytes_max.
void encode_release(const sequence_set& settled, std::uint8_t flags, byte_vector& to);
inline constexpr std::size_t release_body_bytes_max = 65'536;

/// The payload is a part of the record.
result<event_record> decode_event(const_bytes record);
result<recorded_batch> decode_batch(const_bytes record);
result<sequence_set> decode_release(const_bytes record);

}  // namespace vibes::journal
