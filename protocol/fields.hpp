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

inline std::size_t identifier_size(const identifier& id) noexcept {
  const auto* const name = std::get_if<std::string>(&id);
  return 2 + (name != nullptr ? name->size() : sizeof(std::uint32_t));
}

/// Where a send goes: [stream][topic][partition], the latter [kind 2][length][number].
inline void write_destination(byte_writer& to, const batch_view& batch) {
  write_identifier(to, batch.stream);
  write_identifier(to, batch.topic);
  to.u8(2);
  to.u8(sizeof batch.partition);
  to.u32(batch.partition);
}

inline std::size_t destination_size(const batch_view& batch) noexcept {
  return identifier_size(batch.stream) + identifier_size(batch.topic) + 2 + sizeof batch.partition;
}

/// What stands before a send's messages from 0.5 on: [metadata length][destination][count].
inline void write_send_metadata(byte_writer& to, const batch_view& batch) {
  const std::size_t length_at = to.reserve_u32();
  write_destination(to, batch);
  to.u32(static_cast<std::uint32_t>(batch.messages.size()));
  to.patch_u32(length_at, static_cast<std::uint32_t>(to.written() - sizeof(std::uint32_t)));
}

inline std::size_t send_metadata_size(const batch_view& batch) noexcept {
  return 2 * sizeof(std::uint32_t) + destination_size(batch);
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
