#pragma once

#include "protocol/classic/dialect.hpp"
#include "protocol/codec.hpp"

namespace vibes::protocol::classic {

/// Appends a control request's whole frame.
error_code encode_request(const control_request&, const dialect&, byte_vector& to);

}  // namespace vibes::protocol::classic
