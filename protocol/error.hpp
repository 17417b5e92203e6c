#pragma once

#include <boost/system/error_category.hpp>
#include <type_traits>

#include "protocol/types.hpp"

namespace vibes::protocol {

/// What can be wrong with bytes, ours or the peer's.
enum class wire_errc : int {
  truncated = 1,   // a field reaches past the end of its frame
  trailing_bytes,  // a frame holds more than its fields
  malformed,       // a field has a value that the protocol does not know
  // 4 is not used any more: status shows these numbers, so they stay.
  name_length = 5,         // a name or key is not 1..255 bytes long
  value_out_of_range,      // a request's field is outside what the wire can carry
  empty_batch,             // a send needs at least one message
  payload_too_large,       // one message is over payload_size_max
  unsupported_generation,  // this build does not speak the server's protocol
  generation_mismatch,     // the server is not of the generation the settings name
  unexpected_reply,        // a reply's body does not fit the request it answers
  no_partitions,           // the topic has no partitions: nothing can be sent to it
  stream_missing,          // the stream does not exist and must not be created
  topic_missing,           // the topic does not exist and must not be created
  time_span,               // the messages of one batch are further apart than the wire can say
  no_leader,               // no node of the cluster says that it leads
  unconfirmed_send,        // the server took a new send for one it has had, and did not store it
  too_many_partitions,     // the topic has more than partitions_max
  login_withheld,          // the peer did not show itself as an Iggy server: no login was sent
};

const boost::system::error_category& wire_category() noexcept;
error_code make_error_code(wire_errc) noexcept;

/// Status numbers of Iggy that decisions are made by (docs/wire.md, "Status codes"). Others are
/// carried as numbers too.
enum class iggy_errc : int {
  error = 1,
  invalid_command = 3,
  invalid_format = 4,
  feature_unavailable = 5,
  invalid_identifier = 6,
  disconnected = 8,
  resource_not_found = 20,
  stale_client = 30,
  tcp_error = 31,
  unauthenticated = 40,
  unauthorized = 41,
  invalid_credentials = 42,
  invalid_username = 43,
  invalid_password = 44,
  user_inactive = 47,
  invalid_token = 53,
  token_expired = 54,
  invalid_size = 80,
  client_not_found = 100,
  not_committed = 57,
  not_accepted = 58,
  already_applied = 59,
  request_too_old = 85,
  history_unavailable = 87,
  lifecycle_busy = 88,
  not_primary = 89,
  producer_out_of_order = 92,
  producer_fenced = 93,
  producer_unknown = 94,
  producer_partition_required = 95,
  connection_closed = 206,
  stream_id_not_found = 1009,
  stream_name_not_found = 1010,
  stream_id_exists = 1011,
  stream_name_exists = 1012,
  invalid_stream_name = 1013,
  invalid_topic_size = 1019,
  topic_id_not_found = 2010,
  topic_name_not_found = 2011,
  topic_id_exists = 2012,
  topic_name_exists = 2013,
  invalid_topic_name = 2014,
  too_many_partitions = 2015,
  partition_not_found = 3007,
  no_partitions = 3008,
  topic_full = 3009,
  consumer_offset_not_found = 3021,
  invalid_messages_count = 4009,
  too_big_user_headers = 4017,
  too_big_payload = 4022,
  missing_index = 4033,
  invalid_messages_size = 4036,
  invalid_offset = 4100,
  invalid_reserved_field = 4101,
  shard_not_found = 11000,
  shard_communication_error = 11001,
  task_timeout = 12001,
  io_error = 13000,
  invalid_session = 14001,
};

/// Messages read "name (number)": the number is what counts.
const boost::system::error_category& iggy_category() noexcept;
error_code make_error_code(iggy_errc) noexcept;

/// Why a server of 0.9 or later ends a session (docs/wire.md, "Evictions"). Others are carried as
/// numbers too.
enum class eviction_errc : int {
  no_session = 1,
  client_release_too_low = 2,
  client_release_too_high = 3,
  invalid_operation = 4,
  invalid_body = 5,
  invalid_body_size = 6,
  session_too_low = 7,
  session_release_mismatch = 8,
  invalid_credentials = 9,
  invalid_token = 10,
  user_inactive = 11,
  session_error = 12,
  stale_client = 13,
  incompatible_protocol = 14,
  malformed_login = 15,
};

const boost::system::error_category& eviction_category() noexcept;
error_code make_error_code(eviction_errc) noexcept;
/// The error of any reason, known to us or not. Reason 0 is one too.
error_code eviction_error(std::uint8_t reason) noexcept;

/// What a bind is answered with when the session is no more, or not known to that node.
bool is_session_gone(const error_code&) noexcept;

/// The error of any status number, known to us or not. Status 0 is success.
error_code iggy_status(std::uint32_t status) noexcept;

}  // namespace vibes::protocol

template <>
struct boost::system::is_error_code_enum<vibes::protocol::wire_errc> : std::true_type {};
template <>
struct boost::system::is_error_code_enum<vibes::protocol::iggy_errc> : std::true_type {};
template <>
struct boost::system::is_error_code_enum<vibes::protocol::eviction_errc> : std::true_type {};
