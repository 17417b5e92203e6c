#pragma once

#include "protocol/types.hpp"

namespace vibes::protocol {

/// Command numbers of the wire (docs/wire.md, "Commands").
enum class command : std::uint32_t {
  ping = 1,
  get_stats = 10,
  get_cluster_metadata = 12,
  bind_session = 15,
  login_with_password = 38,
  logout = 39,
  login_with_token = 44,
  poll_messages = 100,
  send_messages = 101,
  get_partition_route = 105,
  get_consumer_offset = 120,
  store_consumer_offset = 121,
  get_stream = 200,
  create_stream = 202,
  get_topic = 300,
  create_topic = 302,
};

std::string_view to_string(command) noexcept;

struct ping {};
struct get_stats {};
struct get_cluster_metadata {};
struct logout {};

/// What this program calls itself to a server of 0.9 or later.
inline constexpr std::string_view our_client_name = "vibes-ingestd";

/// Continues the codec's session on this connection (0.10 only).
struct bind_session {
  std::string version{};  // as in a login
  std::string client_name{our_client_name};
};

/// 3..50 bytes of name, 3..100 bytes of password; version and context are free text for the
/// server's logs and may be empty.
///
/// From 0.9 on both logins open the codec's session, and both say the client's name and version, of
/// up to 255 bytes each. Before, a token goes alone, and no client's name is told.
struct login_with_password {
  std::string username;
  std::string password;
  std::string version;
  std::string context;
  std::string client_name{our_client_name};
};

/// A personal access token, 1..100 bytes.
struct login_with_token {
  std::string token;
  std::string version{};
  std::string context{};
  std::string client_name{our_client_name};
};

struct get_stream {
  identifier stream;
};

struct create_stream {
  std::string name;
};

struct get_topic {
  identifier stream;
  identifier topic;
};

/// The topic is created without compression, never expiring, and with the size limit given here.
struct create_topic {
  identifier stream;
  std::string name;
  std::uint32_t partitions_count = 1;
  std::uint64_t size_max = 0;  // 0: the server's default; unlimited_topic_size: none
};
inline constexpr std::uint64_t unlimited_topic_size = ~std::uint64_t{0};

/// Which node leads a partition, and which life of it that is (0.10 only).
struct get_partition_route {
  identifier stream;
  identifier topic;
  partition_id partition = 0;
};

/// Who polls and commits: a single consumer, or a consumer group, by number or name.
struct consumer {
  bool group = false;
  identifier id;
};

enum class polling_strategy : std::uint8_t {
  offset = 1,
  timestamp = 2,
  first = 3,
  last = 4,
  next = 5
};

struct poll_messages {
  consumer who;
  identifier stream;
  identifier topic;
  partition_id partition = 0;
  polling_strategy strategy = polling_strategy::offset;
  std::uint64_t value = 0;  // an offset or a timestamp in microseconds, as the strategy says
  std::uint32_t count = 1;  // at least 1; what servers do with 0 differs
  bool auto_commit = false;
  partition_context context{};
};

struct store_consumer_offset {
  consumer who;
  identifier stream;
  identifier topic;
  partition_id partition = 0;
  std::uint64_t offset = 0;
  partition_context context{};
};

struct get_consumer_offset {
  consumer who;
  identifier stream;
  identifier topic;
  partition_id partition = 0;
};

/// Every request but sends, which are batches and encoded apart (codec.hpp).
using control_request =
    std::variant<ping, get_stats, get_cluster_metadata, login_with_password, login_with_token,
                 logout, get_stream, create_stream, get_topic, create_topic, poll_messages,
                 store_consumer_offset, get_consumer_offset, bind_session, get_partition_route>;

command command_of(const control_request&) noexcept;

}  // namespace vibes::protocol
