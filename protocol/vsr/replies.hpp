#pragma once

#include "protocol/codec.hpp"

namespace vibes::protocol::vsr {

/// One whole frame that answers `asked`: what codec::decode promises, and an eviction's error.
result<reply> decode_reply(command asked, generation, const_bytes frame);

}  // namespace vibes::protocol::vsr
