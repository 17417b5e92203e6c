#include "tests/unit/protocol/vsr_support.hpp"

namespace vibes::test {
namespace {

using namespace protocol;

void append(frame_bytes& to, const frame_bytes& more) {
  to.insert(to.end(), more.begin(), more.end());
}

frame_bytes operator+(frame_bytes one, const frame_bytes& other) {
  append(one, other);
  return one;
}

void append_short(frame_bytes& to, std::string_view text) {
  append_number(to, static_cast<std::uint8_t>(text.size()));
  append(to, text_bytes(text));
}

int operation_of(command asked) {
  switch (asked) {
    case command::login_with_password:
    case command::login_with_token: return 1;
    case command::logout: return 3;
    case command::create_stream: return 128;
    case command::create_topic: return 64;
    case command::send_messages: return 160;
    case command::store_consumer_offset: return 161;
    default: return 2;
  }
}

frame_bytes topic_record(generation gen) {
  frame_bytes record;
  append_number<std::uint32_t>(record, 6);
  append_number<std::uint64_t>(record, 1000);  // created
  append_number<std::uint32_t>(record, 2);     // partitions
  if (gen == generation::iggy_0_9) record.resize(record.size() + 8 + 1 + 8, std::byte{0xee});
  append_number<std::uint64_t>(record, 4096);  // size
  append_number<std::uint64_t>(record, 30);    // messages
  append_short(record, "events");
  append_text(record, "asked for");
  append_text(record, "");
  return record;
}

frame_bytes partition_record(generation gen, std::uint32_t id, bool lists_nodes) {
  frame_bytes record;
  append_number(record, id);
  append_number<std::uint64_t>(record, 1000);
  append_number<std::uint32_t>(record, 1);
  append_number<std::uint64_t>(record, 10 + id);  // current offset
  append_number<std::uint64_t>(record, 2048);
  append_number<std::uint64_t>(record, 11 + id);  // messages
  if (gen == generation::iggy_0_9) return record;
  append_number<std::uint64_t>(record, 20 + id);  // incarnation
  append_number<std::uint64_t>(record, 0);
  append_number<std::uint64_t>(record, 40 + id);  // metadata position
  if (lists_nodes)
    append(record, from_hex("03020405"
                            "0104"));
  return record;
}

std::string_view name_of(generation gen) {
  return gen == generation::iggy_0_9 ? " of 0.9" : " of 0.10";
}

}  // namespace

frame_bytes vsr_reply_frame(command asked, const frame_bytes& payload, std::uint32_t status) {
  frame_bytes frame(256);
  set_number(frame, 48, static_cast<std::uint32_t>(256 + payload.size()));
  frame[60] = std::byte{8};
  set_number<std::uint64_t>(frame, 184, 7);
  set_number<std::uint64_t>(frame, 200, 42);
  frame[208] = static_cast<std::byte>(operation_of(asked));
  set_number(frame, 216, status);
  return frame + payload;
}

frame_bytes eviction_frame(std::uint8_t reason, std::uint32_t version_max,
                           std::uint32_t version_min) {
  frame_bytes frame(256);
  set_number<std::uint32_t>(frame, 48, 256);
  frame[60] = std::byte{13};
  set_number(frame, 144, version_max);
  set_number(frame, 148, version_min);
  frame[255] = std::byte{reason};
  return frame;
}

frame_bytes no_rejection() {
  return frame_bytes(4);
}

frame_bytes rejection(std::uint32_t code) {
  frame_bytes section = from_hex(
      "01000000"
      "00000000");
  append_number(section, code);
  return section;
}

frame_bytes stored_message(std::uint32_t offset_delta, std::string_view payload,
                           std::string_view user_headers) {
  frame_bytes frame;
  append_number<std::uint64_t>(frame, 0x0102030405060708 + offset_delta);
  append_number<std::uint64_t>(frame, offset_delta + 1);  // id
  append_number<std::uint64_t>(frame, 0x99);
  append_number(frame, offset_delta);
  append_number<std::uint32_t>(frame, 2 * offset_delta);
  append_number(frame, static_cast<std::uint32_t>(user_headers.size()));
  append_number(frame, static_cast<std::uint32_t>(payload.size()));
  append_number<std::uint64_t>(frame, 0);
  append(frame, text_bytes(payload));
  append(frame, text_bytes(user_headers));
  return frame;
}

frame_bytes stored_batch(const std::vector<frame_bytes>& messages, bool producer) {
  frame_bytes batch(256);
  for (const frame_bytes& each : messages) append(batch, each);
  set_number<std::uint64_t>(batch, 0, 3);
  set_number<std::uint64_t>(batch, 8, 100);
  set_number<std::uint64_t>(batch, 16, 5000);
  set_number<std::uint64_t>(batch, 24, 4000);
  set_number<std::uint64_t>(batch, 32, batch.size());
  set_number<std::uint64_t>(batch, 40, 0xabcdef);
  set_number(batch, 48, static_cast<std::uint32_t>(messages.size()));
  if (producer) {
    batch[52] = std::byte{1};
    set_number<std::uint64_t>(batch, 56, 9);
    set_number<std::uint16_t>(batch, 64, 1);
    set_number<std::uint32_t>(batch, 68, 3);
  }
  return batch;
}

frame_bytes polled_payload(generation gen, std::uint32_t count,
                           const std::vector<frame_bytes>& batches) {
  frame_bytes payload;
  append_number<std::uint32_t>(payload, 3);
  append_number<std::uint64_t>(payload, 200);
  append_number(payload, count);
  if (gen == generation::iggy_0_10) payload.resize(payload.size() + 24, std::byte{0x11});
  for (const frame_bytes& each : batches) append(payload, each);
  return payload;
}

frame_bytes topic_payload(generation gen, bool lists_nodes, std::uint32_t partitions) {
  frame_bytes topic = topic_record(gen);
  set_number(topic, 12, partitions);
  for (std::uint32_t id = partitions; id-- > 0;) {
    append(topic, partition_record(gen, id, lists_nodes));
  }
  return topic;
}

frame_bytes stream_payload(generation gen) {
  frame_bytes stream;
  append_number<std::uint32_t>(stream, 5);
  append_number<std::uint64_t>(stream, 1000);
  append_number<std::uint32_t>(stream, 1);
  append_number<std::uint64_t>(stream, 4096);
  append_number<std::uint64_t>(stream, 30);
  append_short(stream, "vibes");
  append_text(stream, "");
  if (gen == generation::iggy_0_10) append_text(stream, "by default");
  return stream + topic_record(gen);
}

frame_bytes cluster_payload(generation gen) {
  frame_bytes cluster;
  append_text(cluster, "pair");
  append_number<std::uint32_t>(cluster, 2);
  for (const int node : {1, 2}) {
    if (gen == generation::iggy_0_10) append_number<std::uint8_t>(cluster, node == 1 ? 4 : 2);
    append_text(cluster, "node");
    append_text(cluster, node == 1 ? "10.0.0.1" : "10.0.0.2");
    for (const int port : {8090, 8080, 3000, 0}) {
      append_number(cluster, static_cast<std::uint16_t>(port));
    }
    append_number<std::uint8_t>(cluster, node == 1 ? 1 : 0);
    append_number<std::uint8_t>(cluster, 0);
  }
  return cluster;
}

frame_bytes opened_payload() {
  frame_bytes payload;
  append_number<std::uint32_t>(payload, 5);
  append_number<std::uint64_t>(payload, 77);
  append_number<std::uint32_t>(payload, 12288);
  append_short(payload, "0.10.0");
  return payload;
}

frame_bytes route_payload() {
  return from_hex(
      "0b00000000000000"
      "0c00000000000000"
      "0d000000"
      "0e000000"
      "02");
}

frame_bytes sent_payload() {
  return from_hex(
      "01000000"
      "01000000"
      "02000000"
      "03000000"
      "9001000000000000");
}

std::vector<known_reply> known_vsr_replies() {
  std::vector<known_reply> all;
  for (const generation gen : {generation::iggy_0_9, generation::iggy_0_10}) {
    const auto add = [&](std::string_view what, command asked, const frame_bytes& payload,
                         std::uint32_t status = 0) {
      all.push_back({std::string(what) + std::string(name_of(gen)), gen, asked,
                     vsr_reply_frame(asked, payload, status)});
    };
    add("a login", command::login_with_password, no_rejection() + opened_payload());
    add("a token's login", command::login_with_token, no_rejection() + opened_payload());
    add("a login put off", command::login_with_password, rejection(57));
    add("a stream", command::get_stream, stream_payload(gen));
    add("no stream", command::get_stream, {});
    add("a topic", command::get_topic, topic_payload(gen));
    add("a new topic", command::create_topic, no_rejection() + topic_payload(gen));
    add("a topic that exists", command::create_topic, rejection(2013));
    add("a cluster", command::get_cluster_metadata, cluster_payload(gen));
    add("statistics", command::get_stats, stats_payload("0.9.0"));
    add("a poll", command::poll_messages,
        polled_payload(
            gen, 3,
            {stored_batch({stored_message(4, "sliced", "headers"), stored_message(5, "")}),
             stored_batch({stored_message(0, "of a producer")}, true)}));
    add("an empty poll", command::poll_messages, polled_payload(gen, 0, {}));
    add("a send", command::send_messages, sent_payload());
    add("a send put off", command::send_messages, {}, 58);
    add("a store", command::store_consumer_offset, no_rejection());
    add("a store refused", command::store_consumer_offset, rejection(4100));
    add("an offset", command::get_consumer_offset,
        from_hex("03000000"
                 "0200000000000000"
                 "0100000000000000"));
  }
  all.push_back({"an old topic of 0.10", generation::iggy_0_10, command::get_topic,
                 vsr_reply_frame(command::get_topic, topic_payload(generation::iggy_0_10, false))});
  all.push_back({"a route", generation::iggy_0_10, command::get_partition_route,
                 vsr_reply_frame(command::get_partition_route, route_payload())});
  all.push_back({"a bind", generation::iggy_0_10, command::bind_session,
                 vsr_reply_frame(command::bind_session, opened_payload())});
  return all;
}

}  // namespace vibes::test
