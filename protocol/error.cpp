#include "protocol/error.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "protocol/shared_replies.hpp"

namespace vibes::protocol {
namespace {

struct status_name {
  iggy_errc status;
  std::string_view name;
};

constexpr std::array status_names = {
    status_name{iggy_errc::error, "error"},
    status_name{iggy_errc::invalid_command, "invalid command"},
    status_name{iggy_errc::invalid_format, "invalid format"},
    status_name{iggy_errc::feature_unavailable, "feature unavailable"},
    status_name{iggy_errc::invalid_identifier, "invalid identifier"},
    status_name{iggy_errc::disconnected, "disconnected"},
    status_name{iggy_errc::resource_not_found, "resource not found"},
    status_name{iggy_errc::stale_client, "stale client"},
    status_name{iggy_errc::tcp_error, "tcp error"},
    status_name{iggy_errc::unauthenticated, "unauthenticated"},
    status_name{iggy_errc::unauthorized, "unauthorized"},
    status_name{iggy_errc::invalid_credentials, "invalid credentials"},
    status_name{iggy_errc::invalid_username, "invalid username"},
    status_name{iggy_errc::invalid_password, "invalid password"},
    status_name{iggy_errc::user_inactive, "user inactive"},
    status_name{iggy_errc::invalid_token, "invalid personal access token"},
    status_name{iggy_errc::token_expired, "personal access token expired"},
    status_name{iggy_errc::not_committed, "transient, may have been applied"},
    status_name{iggy_errc::not_accepted, "transient, not accepted"},
    status_name{iggy_errc::already_applied, "request already applied"},
    status_name{iggy_errc::invalid_size, "invalid size"},
    status_name{iggy_errc::request_too_old, "request too old"},
    status_name{iggy_errc::history_unavailable, "partition history unavailable"},
    status_name{iggy_errc::lifecycle_busy, "lifecycle busy"},
    status_name{iggy_errc::not_primary, "not the primary"},
    status_name{iggy_errc::producer_out_of_order, "producer sequence out of order"},
    status_name{iggy_errc::producer_fenced, "producer epoch fenced"},
    status_name{iggy_errc::producer_unknown, "producer unknown"},
    status_name{iggy_errc::producer_partition_required, "producer needs a partition"},
    status_name{iggy_errc::client_not_found, "client not found"},
    status_name{iggy_errc::connection_closed, "connection closed"},
    status_name{iggy_errc::stream_id_not_found, "stream id not found"},
    status_name{iggy_errc::stream_name_not_found, "stream name not found"},
    status_name{iggy_errc::stream_id_exists, "stream id exists"},
    status_name{iggy_errc::stream_name_exists, "stream name exists"},
    status_name{iggy_errc::invalid_stream_name, "invalid stream name"},
    status_name{iggy_errc::invalid_topic_size, "invalid topic size"},
    status_name{iggy_errc::topic_id_not_found, "topic id not found"},
    status_name{iggy_errc::topic_name_not_found, "topic name not found"},
    status_name{iggy_errc::topic_id_exists, "topic id exists"},
    status_name{iggy_errc::topic_name_exists, "topic name exists"},
    status_name{iggy_errc::invalid_topic_name, "invalid topic name"},
    status_name{iggy_errc::too_many_partitions, "too many partitions"},
    status_name{iggy_errc::partition_not_found, "partition not found"},
    status_name{iggy_errc::no_partitions, "no partitions"},
    status_name{iggy_errc::topic_full, "topic full"},
    status_name{iggy_errc::consumer_offset_not_found, "consumer offset not found"},
    status_name{iggy_errc::invalid_messages_count, "invalid messages count"},
    status_name{iggy_errc::too_big_user_headers, "too big user headers"},
    status_name{iggy_errc::too_big_payload, "too big message payload"},
    status_name{iggy_errc::missing_index, "missing index"},
    status_name{iggy_errc::invalid_messages_size, "invalid messages size"},
    status_name{iggy_errc::invalid_offset, "invalid offset"},
    status_name{iggy_errc::invalid_reserved_field, "invalid reserved field"},
    status_name{iggy_errc::shard_not_found, "shard not found"},
    status_name{iggy_errc::shard_communication_error, "shard communication error"},
    status_name{iggy_errc::task_timeout, "task timeout"},
    status_name{iggy_errc::io_error, "io error"},
    status_name{iggy_errc::invalid_session, "invalid session"},
};

class wire_category_type final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "iggy_wire"; }
  std::string message(int value) const override {
    switch (static_cast<wire_errc>(value)) {
      case wire_errc::truncated: return "a field reaches past the end of its frame";
      case wire_errc::trailing_bytes: return "a frame holds more than its fields";
      case wire_errc::malformed: return "not a frame of this protocol";
      case wire_errc::name_length: return "a name or key must have 1 to 255 bytes";
      case wire_errc::value_out_of_range: return "a value is outside what the wire can carry";
      case wire_errc::empty_batch: return "a send needs at least one message";
      case wire_errc::payload_too_large: return "a message is over the payload limit";
      case wire_errc::unsupported_generation:
        return "the server speaks a protocol that this version does not support";
      case wire_errc::generation_mismatch:
        return "the server is not of the generation that the settings name";
      case wire_errc::unexpected_reply: return "a reply does not fit its request";
      case wire_errc::no_partitions: return "the topic has no partitions";
      case wire_errc::stream_missing: return "the stream does not exist";
      case wire_errc::topic_missing: return "the topic does not exist";
      case wire_errc::time_span: return "the messages of a batch are too far apart in time";
      case wire_errc::no_leader: return "no node of the cluster leads";
      case wire_errc::unconfirmed_send:
        return "the server took a new send for one that it has had before";
      case wire_errc::too_many_partitions:
        return "the topic has more than " + std::to_string(partitions_max) + " partitions";
      case wire_errc::login_withheld:
        return "the peer did not show itself as an Iggy server: no login was sent";
    }
    return "unknown wire error " + std::to_string(value);
  }
};

class iggy_category_type final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "iggy"; }
  std::string message(int value) const override {
    const auto* const found = std::ranges::find_if(status_names, [&](const status_name& each) {
      return static_cast<int>(each.status) == value;
    });
    if (found == status_names.end()) return "status " + std::to_string(value);
    return std::string(found->name) + " (" + std::to_string(value) + ")";
  }
};

class eviction_category_type final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "iggy_eviction"; }
  std::string message(int value) const override {
    return std::string(reason(static_cast<eviction_errc>(value))) + " (eviction " +
           std::to_string(value) + ")";
  }

 private:
  static std::string_view reason(eviction_errc code) noexcept {
    switch (code) {
      case eviction_errc::no_session: return "no session";
      case eviction_errc::client_release_too_low: return "client release too low";
      case eviction_errc::client_release_too_high: return "client release too high";
      case eviction_errc::invalid_operation: return "invalid operation";
      case eviction_errc::invalid_body: return "invalid body";
      case eviction_errc::invalid_body_size: return "invalid body size";
      case eviction_errc::session_too_low: return "a newer session of this client exists";
      case eviction_errc::session_release_mismatch: return "session release mismatch";
      case eviction_errc::invalid_credentials: return "invalid credentials";
      case eviction_errc::invalid_token: return "invalid personal access token";
      case eviction_errc::user_inactive: return "user inactive";
      case eviction_errc::session_error: return "session error";
      case eviction_errc::stale_client: return "stale client";
      case eviction_errc::incompatible_protocol: return "incompatible protocol version";
      case eviction_errc::malformed_login: return "malformed login";
    }
    return "unknown reason";
  }
};

}  // namespace

const boost::system::error_category& eviction_category() noexcept {
  static const eviction_category_type category;
  return category;
}

error_code make_error_code(eviction_errc code) noexcept {
  return {static_cast<int>(code), eviction_category()};
}

error_code eviction_error(std::uint8_t reason) noexcept {
  // An error code of 0 would be none.
  return {reason == 0 ? static_cast<int>(eviction_errc::session_error) : int{reason},
          eviction_category()};
}

const boost::system::error_category& wire_category() noexcept {
  static const wire_category_type category;
  return category;
}

const boost::system::error_category& iggy_category() noexcept {
  static const iggy_category_type category;
  return category;
}

error_code make_error_code(wire_errc code) noexcept {
  return {static_cast<int>(code), wire_category()};
}

error_code make_error_code(iggy_errc code) noexcept {
  return {static_cast<int>(code), iggy_category()};
}

bool is_session_gone(const error_code& error) noexcept {
  return error == make_error_code(iggy_errc::unauthenticated) ||
         error == make_error_code(iggy_errc::not_committed) ||
         error == make_error_code(iggy_errc::invalid_session);
}

error_code iggy_status(std::uint32_t status) noexcept {
  return {static_cast<int>(status), iggy_category()};
}

}  // namespace vibes::protocol
