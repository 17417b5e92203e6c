#pragma once

#include "protocol/bytes.hpp"

/// Fields that requests of every generation share (docs/wire.md, "Commands").
namespace vibes::protocol {

/// [kind][length][value]: kind 1 is a number of four bytes, kind 2 a name of 1 to 255.
inline void write_identifier(byte_writer& to, const identifier& id) {
  if (const auto* number = std::get_if<std::uint32_t>(&id)) {
    to.u8(1);
    to.u8(sizeof *number);
    to.u32(*number);
  } else {
    to.u8(2);
    to.short_text(std::get<std::string>(id));
  }
}

/// Where a send goes: [kind][length][value], of which we use kind 2, the number of a partition.
inline void write_partition(byte_writer& to, partition_id partition) {
  to.u8(2);
  to.u8(sizeof partition);
  to.u32(partition);
}
inline constexpr std::size_t partition_size = 2 + sizeof(partition_id);

inline std::size_t identifier_size(const identifier& id) noexcept {
  const auto* const name = std::get_if<std::string>(&id);
  return 2 + (name != nullptr ? name->size() : sizeof(std::uint32_t));
}

/// What a batch must be in every generation.
inline error_code check_messages(const batch_view& batch) noexcept {
  if (batch.messages.empty()) return make_error_code(wire_errc::empty_batch);
  for (const outgoing_message& each : batch.messages) {
    if (each.payload.size() > payload_size_max) {
      return make_error_code(wire_errc::payload_too_large);
    }
  }
  return {};
}

}  // namespace vibes::protocol
