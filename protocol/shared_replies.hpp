#pragma once

#include "protocol/bytes.hpp"

/// Payloads that every generation has alike, but for what is appended to them.
namespace vibes::protocol {

/// Up to the server's version; what later releases append is not used (docs/wire.md, "Telling 0.6
/// from 0.7").
result<reply_body> decode_stats(byte_reader);

/// From 0.10 on a node's record begins with its number (docs/wire.md, "Cluster metadata"); before,
/// nodes are numbered by their place in the list.
result<reply_body> decode_cluster(byte_reader, bool numbers_nodes);

/// Of a consumer that has one; an empty payload means that nothing is stored.
result<reply_body> decode_consumer_offset(byte_reader);

/// A topic with more is refused: every commit goes over all of its partitions, and so does every
/// refresh of the topology (docs/wire.md, "Limits").
inline constexpr std::size_t partitions_max = 10'000;

/// Of a topic's count of partitions, before room is made for them: malformed when the reply cannot
/// hold so many (`fits`), too_many_partitions when there are more than we take.
error_code check_partitions(std::size_t count, bool fits);

/// By id. False when an id stands twice: whoever looks a partition up would find one of the two,
/// and ask for the other's route for ever.
bool sort_partitions(std::vector<partition_details>&);

}  // namespace vibes::protocol
