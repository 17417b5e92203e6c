#pragma once

#include "protocol/codec.hpp"

namespace vibes::protocol::classic {

/// Appends a control request's whole frame; the bytes are the same for servers 0.6 to 0.8.
error_code encode_request(const control_request&, byte_vector& to);

}  // namespace vibes::protocol::classic
