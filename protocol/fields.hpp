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

/// [kind][length][value]: 1 balanced, 2 an explicit partition, 3 a messages key.
inline void write_partitioning(byte_writer& to, const partitioning& where) {
  if (const auto* explicit_id = std::get_if<to_partition>(&where)) {
    to.u8(2);
    to.u8(sizeof explicit_id->id);
    to.u32(explicit_id->id);
  } else if (const auto* key = std::get_if<by_key>(&where)) {
    to.u8(3);
    to.short_text(key->key);
  } else {
    to.u8(1);
    to.u8(0);
  }
}

inline std::size_t identifier_size(const identifier& id) noexcept {
  const auto* const name = std::get_if<std::string>(&id);
  return 2 + (name != nullptr ? name->size() : sizeof(std::uint32_t));
}

inline std::size_t partitioning_size(const partitioning& where) noexcept {
  if (std::holds_alternative<to_partition>(where)) return 2 + sizeof(partition_id);
  const auto* const key = std::get_if<by_key>(&where);
  return 2 + (key != nullptr ? key->key.size() : 0);
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
