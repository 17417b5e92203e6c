#include "protocol/vsr/topology.hpp"

#include "protocol/shared_replies.hpp"

namespace vibes::protocol::vsr {
namespace {

constexpr std::size_t partition_size_0_11 = 40;
constexpr std::size_t partition_size_0_12 = 64;  // without the lists of nodes

void skip_options(byte_reader& from) {
  from.skip(from.u32());
}

topic_details read_topic_record(byte_reader& from, generation gen,
                                std::uint32_t& partitions_count) {
  topic_details topic;
  topic.id = from.u32();
  from.skip(8);  // created at
  partitions_count = from.u32();
  if (gen == generation::iggy_0_9) from.skip(8 + 1 + 8);  // expiry, compression, size limit
  from.skip(8);                                           // size
  topic.messages_count = from.u64();
  topic.name = from.short_text();
  skip_options(from);  // asked for
  skip_options(from);  // made of defaults
  return topic;
}

partition_details read_partition(byte_reader& from, generation gen) {
  partition_details partition;
  partition.id = from.u32();
  from.skip(8 + 4);  // created at, segments
  partition.current_offset = from.u64();
  from.skip(8);  // size
  partition.messages_count = from.u64();
  if (gen == generation::iggy_0_10) {
    partition.context.incarnation = from.u64();
    from.skip(8);  // generation of the owner in a consumer group
    partition.context.metadata_op = from.u64();
  }
  return partition;
}

void skip_nodes(byte_reader& from) {
  from.skip(from.u8());
}

/// What is left is these records and nothing else.
result<std::vector<partition_details>> read_partitions(byte_reader from, generation gen,
                                                       std::uint32_t count, bool lists_nodes) {
  const std::size_t size_min =
      gen == generation::iggy_0_9 ? partition_size_0_11 : partition_size_0_12;
  const bool fits = count <= from.remaining() / size_min;
  if (const error_code error = check_partitions(count, fits)) return error;
  std::vector<partition_details> partitions;
  partitions.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    partitions.push_back(read_partition(from, gen));
    if (!lists_nodes) continue;
    skip_nodes(from);  // that hold the partition
    skip_nodes(from);  // that are in step
  }
  if (from.finish() || !sort_partitions(partitions)) return make_error_code(wire_errc::malformed);
  return partitions;
}

}  // namespace

result<reply_body> decode_stream(byte_reader from, generation gen) {
  stream_details stream;
  stream.id = from.u32();
  from.skip(8);  // created at
  stream.topics_count = from.u32();
  from.skip(8);  // size
  stream.messages_count = from.u64();
  stream.name = from.short_text();
  skip_options(from);
  if (gen == generation::iggy_0_10) skip_options(from);
  for (std::uint32_t i = 0; i < stream.topics_count && !from.error(); ++i) {
    std::uint32_t ignored = 0;
    read_topic_record(from, gen, ignored);
  }
  if (const error_code error = from.finish()) return error;
  return reply_body(std::move(stream));
}

result<reply_body> decode_topic(byte_reader from, generation gen) {
  std::uint32_t partitions_count = 0;
  topic_details topic = read_topic_record(from, gen, partitions_count);
  if (from.error()) return from.error();
  const bool lists_nodes = gen == generation::iggy_0_10;
  auto partitions = read_partitions(from, gen, partitions_count, lists_nodes);
  // Builds on the way to 0.10 had no lists of nodes yet. No body fits both ways.
  if (!partitions && lists_nodes) partitions = read_partitions(from, gen, partitions_count, false);
  if (!partitions) return partitions.error();
  topic.partitions = std::move(*partitions);
  return reply_body(std::move(topic));
}

result<reply_body> decode_route(byte_reader from) {
  partition_route route;
  route.context.incarnation = from.u64();
  route.context.metadata_op = from.u64();
  route.view = from.u32();
  route.partitions_count = from.u32();
  route.primary_replica = from.u8();
  if (const error_code error = from.finish()) return error;
  return reply_body(route);
}

}  // namespace vibes::protocol::vsr
