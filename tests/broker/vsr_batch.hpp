#pragma once

#include <optional>
#include <span>

#include "tests/broker/partition.hpp"

namespace vibes::broker {

/// Where the fields of a batch's header and of a frame are; docs/wire.md.
struct batch_at {
  static constexpr std::size_t partition = 0;
  static constexpr std::size_t base_offset = 8;
  static constexpr std::size_t base_timestamp = 16;
  static constexpr std::size_t origin_timestamp = 24;
  static constexpr std::size_t length = 32;
  static constexpr std::size_t checksum = 40;
  static constexpr std::size_t count = 48;
  static constexpr std::size_t producer = 52;
  static constexpr std::size_t reserved = 72;
  static constexpr std::size_t header_bytes = 256;
};

struct frame_at {
  static constexpr std::size_t checksum = 0;
  static constexpr std::size_t hashed = 8;
  static constexpr std::size_t user_headers_length = 32;
  static constexpr std::size_t payload_length = 36;
  static constexpr std::size_t reserved = 40;
  static constexpr std::size_t header_bytes = 48;
};

/// A batch as it was sent, and found sound.
struct sent_batch {
  std::uint32_t count = 0;
  std::uint64_t origin_us = 0;
  producer_section section{};
  std::optional<producer_claim> producer;
  bytes_view frames;
  std::vector<std::uint32_t> ends;  // of each frame, in `frames`
};

/// Takes a batch apart and holds it to its checksums; false when anything in it is wrong.
bool read_batch(bytes_view raw, std::uint32_t count, bool producers_known, sent_batch& into);

/// The facts of a batch's header that the server fills in, and of the frames that follow it.
struct batch_facts {
  std::uint64_t partition = 0;
  std::uint64_t base_offset = 0;
  std::uint64_t stored_us = 0;
  std::uint64_t origin_us = 0;
  producer_section producer{};
};
/// Appends a batch record of these frames; `ends` are relative to `begin`, where they start.
void put_batch(bytes& to, const batch_facts&, bytes_view frames,
               std::span<const std::uint32_t> ends, std::size_t begin);

}  // namespace vibes::broker
