#pragma once

#include "protocol/codec.hpp"

/// The messages of servers 0.4 (docs/wire.md, "Messages of 0.4").
namespace vibes::protocol::classic {

/// Appends the body of a send: [stream][topic][partitioning] and the records, back to back. Neither
/// count nor times travel. Refuses as codec::encode_send_body does.
error_code encode_headers_first(const batch_view&, byte_vector& to);

/// Exact size of that body, for valid names.
std::size_t headers_first_body_size(const batch_view&) noexcept;

/// The payload of a poll's reply. Checksums are CRC-32 there; origin times are zero.
result<reply_body> decode_headers_first(const_bytes payload);

}  // namespace vibes::protocol::classic
