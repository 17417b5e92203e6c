#pragma once

#include "protocol/codec.hpp"

/// The messages of servers 0.4 (docs/wire.md, "Messages of 0.4").
namespace vibes::protocol::classic {

/// Appends the body of a send: [stream][topic][partition] and the records, back to back. Neither
/// count nor times travel. Refuses as codec::encode_send_body does.
error_code encode_headers_first(const batch_view&, byte_vector& to);

/// decode_payload as 0.4 means it. Polled checksums are CRC-32; origin times are zero. A consumer's
/// offset 0 is not_found: the server answers so when nothing is stored, and to read one message
/// twice is the lesser evil.
result<reply_body> decode_headers_first(command asked, const_bytes payload);

}  // namespace vibes::protocol::classic
