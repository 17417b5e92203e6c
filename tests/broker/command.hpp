#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vibes::broker {

/// Command codes that the broker serves, of both wires.
enum class command : std::uint32_t {
  ping = 1,
  get_stats = 10,
  get_cluster_metadata = 12,
  attach_consumer_session = 14,
  bind_session = 15,
  get_me = 20,
  login_user = 38,
  logout_user = 39,
  login_with_token = 44,
  poll_messages = 100,
  send_messages = 101,
  flush_unsaved_buffer = 102,
  get_poll_routing = 103,
  poll_messages_on_primary = 104,
  get_partition_route = 105,
  poll_messages_deferred = 106,
  get_consumer_offset = 120,
  store_consumer_offset = 121,
  delete_consumer_offset = 122,
  get_consumer_offset_routing = 123,
  get_stream = 200,
  get_streams = 201,
  create_stream = 202,
  delete_stream = 203,
  get_topic = 300,
  get_topics = 301,
  create_topic = 302,
  delete_topic = 303,
  create_partitions = 402,
  get_consumer_group = 600,
  get_consumer_groups = 601,
  create_consumer_group = 602,
  delete_consumer_group = 603,
  join_consumer_group = 604,
  leave_consumer_group = 605,
  sync_consumer_group = 606,
};

/// The name, or the number in decimal for a command the broker does not serve.
std::string name_of(command);

/// Reads what `name_of` writes.
std::optional<command> command_named(std::string_view text);

}  // namespace vibes::broker
