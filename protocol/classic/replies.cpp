#include "protocol/classic/replies.hpp"

#include "protocol/bytes.hpp"
#include "protocol/classic/layout.hpp"
#include "protocol/shared_replies.hpp"

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
  const bool fits = from.remaining() == std::size_t{partitions_count} * partition_record_size;
  if (const error_code error = check_partitions(partitions_count, fits)) return error;
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
  if (!sort_partitions(topic.partitions)) return make_error_code(wire_errc::malformed);
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
    case command::get_cluster_metadata: return decode_cluster(from, false);
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
      return decode_consumer_offset(from);
  }
  return make_error_code(wire_errc::unexpected_reply);
}

}  // namespace vibes::protocol::classic
