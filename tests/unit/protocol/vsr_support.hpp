#pragma once

#include "tests/unit/protocol/reply_support.hpp"

// Replies of servers 0.9 and 0.10, by hand: the recording lacks some of 0.9 and all of 0.10.

namespace vibes::test {

/// What a server says around a payload. `commit` and `number` are 7 and 42.
frame_bytes vsr_reply_frame(protocol::command asked, const frame_bytes& payload,
                            std::uint32_t status = 0);

/// A header alone that ends a session; the versions (packed) stand in it for any reason.
frame_bytes eviction_frame(std::uint8_t reason, std::uint32_t version_max = 0,
                           std::uint32_t version_min = 0);

/// An empty result section, and one that refuses.
frame_bytes no_rejection();
frame_bytes rejection(std::uint32_t code);

/// A message as a server stores it, and a batch of such: base offset 100, stored at 5000, made at
/// 4000. The producer section is that of id 9, epoch 1, sequence 3.
frame_bytes stored_message(std::uint32_t offset_delta, std::string_view payload,
                           std::string_view user_headers = {});
frame_bytes stored_batch(const std::vector<frame_bytes>& messages, bool producer = false);

/// A poll's payload: partition 3, current offset 200.
frame_bytes polled_payload(protocol::generation, std::uint32_t count,
                           const std::vector<frame_bytes>& batches);

/// A topic "events" of two partitions or more, 0 the last; with lists of nodes or (builds before
/// the end of 0.10's development) without.
frame_bytes topic_payload(protocol::generation, bool lists_nodes = true,
                          std::uint32_t partitions = 2);

/// A stream "vibes" with that topic.
frame_bytes stream_payload(protocol::generation);

/// Two nodes, 10.0.0.1 and 10.0.0.2; in 0.10 with the numbers 4 and 2. The second leads.
frame_bytes cluster_payload(protocol::generation);

frame_bytes opened_payload();  // user 5, session 77, protocol 0.12, server "0.10.0"
frame_bytes route_payload();   // incarnation 11, metadata 12, view 13, 14 partitions, node 2
frame_bytes sent_payload();    // stream 1, topic 2, partition 3, offset 400

/// All of these, and whatever else a server may answer, as whole frames.
std::vector<known_reply> known_vsr_replies();

}  // namespace vibes::test
