#pragma once

#include "tests/broker/command.hpp"
#include "tests/broker/vsr_partition.hpp"
#include "tests/broker/wire.hpp"

namespace vibes::broker {

constexpr std::size_t vsr_header_bytes = 256;

/// Fields that every VSR header has.
struct common_at {
  static constexpr std::size_t cluster = 32;
  static constexpr std::size_t size = 48;
  static constexpr std::size_t command = 60;
};

struct request_at {
  static constexpr std::size_t client = 128;
  static constexpr std::size_t checksum = 144;
  static constexpr std::size_t request = 168;
  static constexpr std::size_t operation = 176;
  static constexpr std::size_t session = 184;
  static constexpr std::size_t code = 196;
  static constexpr std::size_t incarnation = 200;
  static constexpr std::size_t owner = 208;
  static constexpr std::size_t metadata_op_min = 216;
};

struct reply_at {
  static constexpr std::size_t checksum = 128;
  static constexpr std::size_t client = 160;
  static constexpr std::size_t op = 176;
  static constexpr std::size_t commit = 184;
  static constexpr std::size_t timestamp = 192;
  static constexpr std::size_t request = 200;
  static constexpr std::size_t operation = 208;
  static constexpr std::size_t status = 216;
  static constexpr std::size_t committed = 220;    // from 0.10 on
  static constexpr std::size_t incarnation = 224;  // from 0.10 on
};

struct eviction_at {
  static constexpr std::size_t client = 128;
  static constexpr std::size_t version_max = 144;
  static constexpr std::size_t version_min = 148;
  static constexpr std::size_t reason = 255;
};

enum class vsr_command : std::uint8_t { request = 5, reply = 8, eviction = 13 };

enum class operation : std::uint8_t {
  none = 0,
  login = 1,
  read = 2,  // what is not replicated; the header has the command's code
  logout = 3,
  create_stream = 128,
  delete_stream = 130,
  create_topic = 132,
  delete_topic = 134,
  create_partitions = 136,
  create_group = 139,
  delete_group = 140,
  join_group = 148,
  leave_group = 149,
  update_resource = 150,  // from 0.10 on
  send = 160,
  store_offset = 161,
  delete_offset = 162,
};

enum class eviction : std::uint8_t {
  no_session = 1,
  invalid_operation = 4,
  session_too_low = 7,
  invalid_credentials = 9,
  invalid_token = 10,
  user_inactive = 11,
  session_error = 12,
  stale_client = 13,
  incompatible_protocol = 14,
  malformed_login = 15,
};

/// A whole request's header, as it stands in front of its body.
class request_header {
 public:
  explicit request_header(const std::byte* raw) : raw_(raw) {}

  client_id client() const { return load<client_id>(raw_ + request_at::client); }
  client_id checksum() const { return load<client_id>(raw_ + request_at::checksum); }
  std::uint64_t request() const { return load<std::uint64_t>(raw_ + request_at::request); }
  std::uint64_t session() const { return load<std::uint64_t>(raw_ + request_at::session); }
  std::uint32_t code() const { return load<std::uint32_t>(raw_ + request_at::code); }
  std::uint64_t incarnation() const { return load<std::uint64_t>(raw_ + request_at::incarnation); }
  std::uint64_t owner() const { return load<std::uint64_t>(raw_ + request_at::owner); }
  /// How much of the metadata log a node has to know before it may serve this.
  std::uint64_t metadata_op_min() const {
    return load<std::uint64_t>(raw_ + request_at::metadata_op_min);
  }
  operation does() const { return operation{load<std::uint8_t>(raw_ + request_at::operation)}; }

 private:
  const std::byte* raw_;
};

/// What a client asks for with this request, as the classic wire numbers it.
command command_of(const request_header&);

constexpr bool is_metadata(operation does) {
  return does >= operation::create_stream && does <= operation::update_resource;
}
/// What the server writes into its own log, and takes from no client.
constexpr bool is_internal(operation does) {
  return static_cast<std::uint8_t>(does) >= 64 && static_cast<std::uint8_t>(does) <= 68;
}
constexpr bool is_result_framed(operation does) {
  return is_metadata(does) || does == operation::store_offset || does == operation::delete_offset ||
         does == operation::login;
}

/// Appends a reply's header, whose body is yet to follow: echoes, and otherwise zeros.
void begin_reply(bytes& to, const request_header& asked);
/// An eviction; the versions stand in one for reason 14 only.
void put_eviction(bytes& to, const client_id& whom, std::uint8_t reason, std::uint32_t version = 0);

}  // namespace vibes::broker
