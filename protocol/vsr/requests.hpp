#pragma once

#include "protocol/codec.hpp"

namespace vibes::protocol::vsr {

/// Appends a control request's whole frame. A login is sent without a session and with number 0,
/// whatever number is given.
error_code encode_request(const control_request&, generation, const session&, request_number,
                          byte_vector& to);

}  // namespace vibes::protocol::vsr
