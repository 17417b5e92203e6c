#pragma once

#include "tests/broker/classic_consumer.hpp"
#include "tests/broker/vsr.hpp"

namespace vibes::broker {

/// The request as the shared reading of consumers has it: in groups a session is the member.
session member_of(const vsr_request&);

}  // namespace vibes::broker
