#pragma once

#include "protocol/request.hpp"

namespace vibes::protocol {

struct user_identity {
  std::uint32_t user_id = 0;  // 0 is a real user (root) from 0.6 on
};

/// What a login or a bind tells from 0.9 on.
struct session_opened {
  std::uint32_t user_id = 0;
  std::uint64_t session_id = 0;
  std::uint32_t protocol_version = 0;  // packed
  std::string server_version;          // such as "0.9.0"
};

/// What get_stats tells that we use. The text decides the generation (docs/wire.md, "Telling 0.6
/// from 0.7").
struct server_stats {
  bool tells_version = false;  // 0.4 does not know how to
  std::string server_version;  // such as "0.8.0"
  std::string hostname;
  std::uint64_t messages_count = 0;
};

struct cluster_node {
  std::uint8_t replica_id = 0;  // what routes name it by; before 0.10 its place in the list
  std::string name;
  std::string ip;
  std::uint16_t tcp_port = 0;  // 0: transport off
  bool leader = false;
  std::uint8_t status = 0;  // 0: healthy

  /// "ip:port", as an address in the settings is written.
  std::string address() const;
};

struct cluster_metadata {
  std::string name;
  std::vector<cluster_node> nodes;
};

struct stream_details {
  std::uint32_t id = 0;
  std::uint32_t topics_count = 0;
  std::uint64_t messages_count = 0;
  std::string name;
};

struct partition_details {
  partition_id id = 0;
  std::uint64_t current_offset = 0;  // of the last message; 0 also when there is none
  std::uint64_t messages_count = 0;
  partition_context context{};  // 0.10 only
};

struct topic_details {
  std::uint32_t id = 0;
  std::uint64_t messages_count = 0;
  std::string name;
  std::vector<partition_details> partitions;  // sorted by id, each of them once
};

struct partition_route {
  partition_context context;
  std::uint32_t view = 0;  // grows when another node takes over
  std::uint32_t partitions_count = 0;
  std::uint8_t primary_replica = 0;
};

/// Where a sent batch was put.
struct send_confirmation {
  std::uint32_t stream_id = 0;
  std::uint32_t topic_id = 0;
  partition_id partition = 0;
  std::uint64_t base_offset = 0;  // of the batch's first message
};

/// A send's success from 0.9 on. Without a confirmation the server took it for a request that it
/// has had before, and stored nothing now (docs/wire.md, "Repeated requests").
struct sent {
  std::optional<send_confirmation> confirmed;
};

/// One polled message. Its spans point into the decoded frame and live as long as that does.
struct polled_message {
  std::uint64_t offset = 0;
  message_id id;
  std::uint64_t checksum = 0;
  std::uint64_t timestamp_us = 0;
  std::uint64_t origin_time_us = 0;
  std::span<const std::byte> payload;
  std::span<const std::byte> user_headers;
};

struct polled_messages {
  partition_id partition = 0;
  std::uint64_t current_offset = 0;
  std::vector<polled_message> messages;
};

struct consumer_offset {
  partition_id partition = 0;
  std::uint64_t current_offset = 0;
  std::uint64_t stored_offset = 0;
};

/// The asked-for object does not exist: a success with an empty payload (docs/wire.md, "Missing
/// objects").
struct not_found {};

/// A success that carries nothing (send, ping, store, logout).
struct done {};

using reply_body = std::variant<done, not_found, user_identity, server_stats, cluster_metadata,
                                stream_details, topic_details, polled_messages, consumer_offset,
                                session_opened, partition_route, sent>;

struct reply {
  std::uint32_t status =
      0;  // 0, or one of Iggy's numeric codes (error.hpp); then the body is `done`
  reply_body body;
  std::uint64_t metadata_position = 0;  // 0.10: of the newest change of topology this tells of
};

}  // namespace vibes::protocol
