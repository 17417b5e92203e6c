#include "protocol/shared_replies.hpp"

#include <algorithm>
#include <utility>

#include "protocol/server_texts.hpp"

namespace vibes::protocol {
namespace {

/// get_stats: the fixed part before its texts, and where messages_count stands in it.
constexpr std::size_t stats_fixed_size = 108;
constexpr std::size_t stats_messages_count_at = 92;

/// As many as a node's number of one byte can tell apart.
constexpr std::uint32_t cluster_nodes_max = 256;

template <class T>
result<reply_body> finish(const byte_reader& from, T&& decoded) {
  if (const error_code error = from.finish()) return error;
  return reply_body(std::forward<T>(decoded));
}

}  // namespace

result<reply_body> decode_stats(byte_reader from) {
  server_stats stats;
  from.skip(stats_messages_count_at);
  stats.messages_count = from.u64();
  from.skip(stats_fixed_size - stats_messages_count_at - 8);
  stats.hostname = believable_name(from.long_text());
  for (int os_text = 0; os_text < 3; ++os_text) from.skip(from.u32());
  stats.tells_version = from.remaining() > 0;
  if (stats.tells_version) stats.server_version = believable_version(from.long_text());
  if (from.error()) return from.error();
  return reply_body(std::move(stats));
}

result<reply_body> decode_cluster(byte_reader from, bool numbers_nodes) {
  cluster_metadata cluster;
  cluster.name = believable_name(from.long_text());
  const std::uint32_t count = from.u32();
  if (count > cluster_nodes_max) return make_error_code(wire_errc::malformed);
  for (std::uint32_t i = 0; i < count && !from.error(); ++i) {
    cluster_node node;
    node.replica_id = numbers_nodes ? from.u8() : static_cast<std::uint8_t>(i);
    node.name = believable_name(from.long_text());
    node.ip = from.long_text();
    node.tcp_port = from.u16();
    from.skip(3 * sizeof(std::uint16_t));  // quic, http, websocket
    node.leader = from.u8() == 0;
    node.status = from.u8();
    if (from.error()) break;
    if (!is_node_address(node.ip)) return make_error_code(wire_errc::malformed);
    cluster.nodes.push_back(std::move(node));
  }
  return finish(from, std::move(cluster));
}

result<reply_body> decode_consumer_offset(byte_reader from) {
  consumer_offset offset;
  offset.partition = from.u32();
  offset.current_offset = from.u64();
  offset.stored_offset = from.u64();
  return finish(from, offset);
}

error_code check_partitions(std::size_t count, bool fits) {
  if (!fits) return make_error_code(wire_errc::malformed);
  return count > partitions_max ? make_error_code(wire_errc::too_many_partitions) : error_code();
}

bool sort_partitions(std::vector<partition_details>& partitions) {
  std::ranges::sort(partitions, {}, &partition_details::id);
  return std::ranges::adjacent_find(partitions, {}, &partition_details::id) == partitions.end();
}

}  // namespace vibes::protocol
