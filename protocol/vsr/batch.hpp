#pragma once

#include "protocol/codec.hpp"

/// What is sent and stored: messages in a batch of their own header (docs/wire.md, "Batches").
namespace vibes::protocol::vsr {

struct batch_header_at {
  static constexpr std::size_t partition = 0;        // server
  static constexpr std::size_t base_offset = 8;      // server
  static constexpr std::size_t base_timestamp = 16;  // server
  static constexpr std::size_t origin_timestamp = 24;
  static constexpr std::size_t length = 32;  // u64, this header and all frames
  static constexpr std::size_t checksum = 40;
  static constexpr std::size_t count = 48;
  static constexpr std::size_t producer_flag = 52;  // "Producer section"
  static constexpr std::size_t producer_id = 56;
  static constexpr std::size_t producer_epoch = 64;
  static constexpr std::size_t producer_sequence = 68;
};
inline constexpr std::size_t batch_header_size = 256;

struct frame_at {
  static constexpr std::size_t checksum = 0;  // of the frame behind it
  static constexpr std::size_t id = 8;
  static constexpr std::size_t offset_delta = 24;
  static constexpr std::size_t timestamp_delta = 28;
  static constexpr std::size_t user_headers_length = 32;
  static constexpr std::size_t payload_length = 36;
};
inline constexpr std::size_t frame_header_size = 48;  // then payload, then user headers

static_assert(batch_header_at::base_timestamp + 8 == batch_header_at::origin_timestamp);
static_assert(batch_header_at::checksum + 8 == batch_header_at::count);
static_assert(batch_header_at::producer_id + 8 == batch_header_at::producer_epoch);
static_assert(frame_at::id + 16 == frame_at::offset_delta);
static_assert(frame_at::payload_length + 4 + 8 == frame_header_size);

/// The body of a send:
///
///   [metadata length][stream][topic][partition][count] [batch header] [frames]
error_code encode_batch(const batch_view&, generation, byte_vector& to);

}  // namespace vibes::protocol::vsr
