#pragma once

#include "protocol/codec.hpp"

namespace vibes::protocol::classic {

/// The body of a send (docs/wire.md, "Message layout"):
///
///   [metadata length][stream][topic][partition][count] [index: 16 bytes each] [records]
///
/// `header_size` is the message header of the generation, 56 or 64 bytes.
error_code encode_send(const batch_view&, std::size_t header_size, byte_vector& to);

}  // namespace vibes::protocol::classic
