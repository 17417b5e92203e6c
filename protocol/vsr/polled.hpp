#pragma once

#include "protocol/bytes.hpp"

namespace vibes::protocol::vsr {

/// The payload of a poll: batches, or parts of batches, back to back (docs/wire.md, "Batches"). The
/// server has stamped them since they were sent, so checksums are passed on unread.
result<reply_body> decode_polled(byte_reader, generation);

}  // namespace vibes::protocol::vsr
