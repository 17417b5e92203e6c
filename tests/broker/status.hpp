#pragma once

#include <cstdint>

namespace vibes::broker {

/// The numbers servers 0.4 to 0.8 answer with; docs/wire.md, "Status codes". They are written down
/// here a second time on purpose: the broker and the daemon's decoder check each other.
enum class status : std::uint32_t {
  ok = 0,
  error = 1,
  invalid_command = 3,
  invalid_format = 4,
  invalid_identifier = 6,
  disconnected = 8,
  resource_not_found = 20,
  unauthenticated = 40,
  unauthorized = 41,
  invalid_credentials = 42,
  invalid_username = 43,
  invalid_password = 44,
  invalid_token = 53,
  stream_not_found = 1009,
  stream_name_not_found = 1010,
  stream_id_taken = 1011,
  stream_name_taken = 1012,
  invalid_stream_name = 1013,
  invalid_topic_size = 1019,
  topic_not_found = 2010,
  topic_name_not_found = 2011,
  topic_id_taken = 2012,
  topic_name_taken = 2013,
  invalid_topic_name = 2014,
  too_many_partitions = 2015,
  partition_not_found = 3007,
  no_partitions = 3008,
  consumer_offset_not_found = 3021,
  consumer_not_resolved = 3022,
  invalid_messages_count = 4009,
  too_big_user_headers = 4017,
  too_big_payload = 4022,
  invalid_key_length = 4028,
  non_zero_offset = 4031,
  non_zero_timestamp = 4032,
  missing_index = 4033,
  invalid_messages_size = 4036,
  invalid_offset = 4100,
  invalid_reserved_field = 4101,
  group_not_found = 5000,
  group_id_taken = 5001,
  group_name_not_found = 5003,
  group_name_taken = 5004,
  invalid_group_name = 5005,
  group_member_not_found = 5006,
  invalid_index_position = 10011,
};

}  // namespace vibes::broker
