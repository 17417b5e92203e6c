#pragma once

#include "tests/broker/classic_consumer.hpp"
#include "tests/broker/vsr.hpp"

namespace vibes::broker {

/// Both read as a classic server of 0.8 does: the bytes are the same.
status take_consumer(fields& from, consumer_request& into);
status resolve(const consumer_request& wanted, serving at, purpose, consumer_place& into);

/// The request as the shared reading of consumers has it: in groups a session is the member.
session member_of(const vsr_request&);

}  // namespace vibes::broker
