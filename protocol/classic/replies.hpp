#pragma once

#include "protocol/codec.hpp"

namespace vibes::protocol::classic {

/// The payload of a successful reply to `asked`; an empty one where an object was asked for is
/// not_found. Every length is bounded by what the payload holds before it is believed.
result<reply_body> decode_payload(command asked, const_bytes payload, std::size_t header_size);

}  // namespace vibes::protocol::classic
