#include "protocol/error.hpp"

#include <algorithm>
#include <array>
#include <string>

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
    status_name{iggy_errc::invalid_size, "invalid size"},
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
};

class wire_category_type final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "iggy_wire"; }
  std::string message(int value) const override {
    switch (static_cast<wire_errc>(value)) {
      case wire_errc::truncated: return "a field reaches past the end of its frame";
      case wire_errc::trailing_bytes: return "a frame holds more than its fields";
      case wire_errc::malformed: return "not a frame of this protocol";
      case wire_errc::frame_too_large: return "a frame announces more bytes than are allowed";
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

}  // namespace

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

error_code iggy_status(std::uint32_t status) noexcept {
  return {static_cast<int>(status), iggy_category()};
}

}  // namespace vibes::protocol
