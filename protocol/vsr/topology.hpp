#pragma once

#include "protocol/bytes.hpp"

/// Streams, topics and routes as servers 0.9 and 0.10 tell them (docs/wire.md, "Topology
/// records of 0.9 and 0.10"). Counts are bounded by what is left before room is made for them.
namespace vibes::protocol::vsr {

result<reply_body> decode_stream(byte_reader, generation);
result<reply_body> decode_topic(byte_reader, generation);
result<reply_body> decode_route(byte_reader);

}  // namespace vibes::protocol::vsr
