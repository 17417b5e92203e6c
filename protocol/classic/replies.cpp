#include "protocol/classic/replies.hpp"

#include <algorithm>

#include "protocol/bytes.hpp"
#include "protocol/classic/layout.hpp"

namespace vibes::protocol::classic {
namespace {

template <class T>
result<reply_body> finish(const byte_reader& from, T&& decoded) {
  if (const error_code error = from.finish()) return error;
  return reply_body(std::forward<T>(decoded));
}

result<reply_body> decode_user(byte_reader from) {
  return finish(from, user_identity{from.u32()});
}

// The layouts of 0.4 to 0.8 agree up to the version text; what later releases append is not used
// (docs/wire.md, "Telling 0.6 from 0.7").
result<reply_body> decode_stats(byte_reader from) {
  server_stats stats;
  from.skip(stats_messages_count_at);
  stats.messages_count = from.u64();
  from.skip(stats_fixed_size - stats_messages_count_at - 8);
  stats.hostname = from.long_text();
  for (int os_text = 0; os_text < 3; ++os_text) from.skip(from.u32());
  stats.tells_version = from.remaining() > 0;
  if (stats.tells_version) stats.server_version = from.long_text();
  if (from.error()) return from.error();
  return reply_body(std::move(stats));
}

result<reply_body> decode_cluster(byte_reader from) {
  cluster_metadata cluster;
  cluster.name = from.long_text();
  const std::uint32_t count = from.u32();
  for (std::uint32_t i = 0; i < count && !from.error(); ++i) {
    cluster_node node;
    node.name = from.long_text();
    node.ip = from.long_text();
    node.tcp_port = from.u16();
    from.skip(3 * sizeof(std::uint16_t));  // quic, http, websocket
    node.leader = from.u8() == 0;
    node.status = from.u8();
    if (!from.error()) cluster.nodes.push_back(std::move(node));
  }
  return finish(from, std::move(cluster));
}

topic_details read_topic_record(byte_reader& from, std::uint32_t& partitions_count) {
  topic_details topic;
  topic.id = from.u32();
  from.skip(8);  // created at
  partitions_count = from.u32();
  from.skip(8 + 1 + 8 + 1 + 8);  // expiry, compression, size limit, replication, size
  topic.messages_count = from.u64();
  topic.name = from.short_text();
  return topic;
}

result<reply_body> decode_stream(byte_reader from) {
  stream_details stream;
  stream.id = from.u32();
  from.skip(8);  // created at
  stream.topics_count = from.u32();
  from.skip(8);  // size
  stream.messages_count = from.u64();
  stream.name = from.short_text();
  for (std::uint32_t i = 0; i < stream.topics_count && !from.error(); ++i) {
    std::uint32_t ignored = 0;
    read_topic_record(from, ignored);
  }
  return finish(from, std::move(stream));
}

result<reply_body> decode_topic(byte_reader from) {
  std::uint32_t partitions_count = 0;
  topic_details topic = read_topic_record(from, partitions_count);
  if (from.error()) return from.error();
  if (from.remaining() != std::size_t{partitions_count} * partition_record_size) {
    return make_error_code(wire_errc::malformed);
  }
  topic.partitions.reserve(partitions_count);
  for (std::uint32_t i = 0; i < partitions_count; ++i) {
    partition_details partition;
    partition.id = from.u32();
    from.skip(8 + 4);  // created at, segments
    partition.current_offset = from.u64();
    from.skip(8);  // size
    partition.messages_count = from.u64();
    topic.partitions.push_back(partition);
  }
  std::ranges::sort(topic.partitions, {}, &partition_details::id);
  return finish(from, std::move(topic));
}

polled_message read_message(byte_reader& from, std::size_t header_size) {
  polled_message message;
  message.checksum = from.u64();
  message.id = from.u128();
  message.offset = from.u64();
  message.timestamp_us = from.u64();
  message.origin_time_us = from.u64();
  const std::uint32_t user_headers_length = from.u32();
  const std::uint32_t payload_length = from.u32();
  from.skip(header_size - message_header::size_0_6);
  message.payload = from.take(payload_length);
  message.user_headers = from.take(user_headers_length);
  return message;
}

result<reply_body> decode_polled(byte_reader from, std::size_t header_size) {
  polled_messages polled;
  polled.partition = from.u32();
  polled.current_offset = from.u64();
  const std::uint32_t count = from.u32();
  if (from.error()) return from.error();
  if (count > from.remaining() / header_size) return make_error_code(wire_errc::malformed);
  polled.messages.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i)
    polled.messages.push_back(read_message(from, header_size));
  return finish(from, std::move(polled));
}

result<reply_body> decode_offset(byte_reader from) {
  consumer_offset offset;
  offset.partition = from.u32();
  offset.current_offset = from.u64();
  offset.stored_offset = from.u64();
  return finish(from, offset);
}

}  // namespace

result<reply_body> decode_payload(command asked, const_bytes payload, std::size_t header_size) {
  const byte_reader from(payload);
  switch (asked) {
    case command::ping:
    case command::logout:
    case command::send_messages:
    case command::store_consumer_offset: return finish(from, done{});
    case command::login_with_password:
    case command::login_with_token: return decode_user(from);
    case command::get_stats: return decode_stats(from);
    case command::get_cluster_metadata: return decode_cluster(from);
    case command::get_stream:
      if (payload.empty()) return reply_body(not_found{});
      return decode_stream(from);
    case command::create_stream: return decode_stream(from);
    case command::get_topic:
      if (payload.empty()) return reply_body(not_found{});
      return decode_topic(from);
    case command::create_topic: return decode_topic(from);
    case command::bind_session:
    case command::get_partition_route: break;
    case command::poll_messages: return decode_polled(from, header_size);
    case command::get_consumer_offset:
      if (payload.empty()) return reply_body(not_found{});
      return decode_offset(from);
  }
  return make_error_code(wire_errc::unexpected_reply);
}

}  // namespace vibes::protocol::classic
