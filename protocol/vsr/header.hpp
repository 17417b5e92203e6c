#pragma once

#include "protocol/codec.hpp"

/// The header of 256 bytes that every frame of servers 0.9 and later begins with (docs/wire.md,
/// "VSR framing").
namespace vibes::protocol::vsr {

inline constexpr std::size_t header_size = 256;

/// The servers' default limit, header included: an announced size over it ends the connection.
inline constexpr std::size_t frame_size_limit = std::size_t{64} << 20;

/// Who speaks. Other numbers are replicas among themselves.
enum class speaker : std::uint8_t { request = 5, reply = 8, eviction = 13 };

/// What a request does to the replicated log. Reads and pings do nothing to it and say their
/// command's number in a field of their own.
enum class operation : std::uint8_t {
  open_session = 1,
  not_replicated = 2,
  logout = 3,
  create_topic_answer = 64,  // what a server makes of create_topic in its reply
  create_stream = 128,
  create_topic = 132,
  send_messages = 160,
  store_consumer_offset = 161
};

/// Where fields stand. What is not named here a client sends as zero.
struct header_at {
  static constexpr std::size_t size = 48;  // u32, header included
  static constexpr std::size_t speaker = 60;
};
struct request_at {
  static constexpr std::size_t client = 128;
  static constexpr std::size_t identity = 144;  // u128: "Request identity"
  static constexpr std::size_t number = 168;
  static constexpr std::size_t operation = 176;
  static constexpr std::size_t session = 184;
  static constexpr std::size_t command = 196;      // u32, of what is not replicated
  static constexpr std::size_t incarnation = 200;  // 0.10: of the partition
  static constexpr std::size_t metadata_op = 216;  // 0.10: that the server must have seen
};
struct reply_at {
  static constexpr std::size_t commit = 184;
  static constexpr std::size_t number = 200;
  static constexpr std::size_t operation = 208;
  static constexpr std::size_t status = 216;
};
struct eviction_at {
  static constexpr std::size_t version_max = 144;  // u32, packed; for reason 14
  static constexpr std::size_t version_min = 148;
  static constexpr std::size_t reason = 255;
};
static_assert(request_at::client + 16 == request_at::identity);
static_assert(request_at::identity + 16 + 8 == request_at::number);
static_assert(request_at::number + 8 == request_at::operation);
static_assert(request_at::operation + 8 == request_at::session);
static_assert(request_at::session + 8 + 4 == request_at::command);
static_assert(request_at::command + 4 == request_at::incarnation);
static_assert(request_at::incarnation + 8 + 8 == request_at::metadata_op);
static_assert(reply_at::commit + 8 + 8 == reply_at::number);
static_assert(reply_at::number + 8 == reply_at::operation);
static_assert(reply_at::operation + 8 == reply_at::status);
static_assert(eviction_at::version_max + 4 == eviction_at::version_min);
static_assert(eviction_at::reason + 1 == header_size);

operation operation_of(command) noexcept;

/// Operations on streams and topics: one at a time, and their replies tell a metadata position.
constexpr bool changes_metadata(operation what) noexcept {
  return what >= operation::create_stream && what < operation::send_messages;
}

/// Whether a reply begins with a result section (docs/wire.md, "Results"). That to a login does
/// unless it is empty.
constexpr bool has_result_section(operation what) noexcept {
  return what == operation::open_session || changes_metadata(what) ||
         what == operation::store_consumer_offset;
}

struct request_header {
  std::size_t body_size = 0;
  message_id client;
  message_id identity{};
  request_number number = 0;
  operation what = operation::not_replicated;
  std::uint64_t session_id = 0;
  std::uint32_t command = 0;
  partition_context context{};
};

/// Fills 256 bytes that are zero.
void store_header(std::byte* at, const request_header&) noexcept;

struct reply_header {
  std::uint64_t commit = 0;
  request_number number = 0;
  operation what = operation::not_replicated;
  std::uint32_t status = 0;
};

/// Why a session ended, and for an incompatible protocol which versions (packed) would do.
struct eviction {
  std::uint8_t reason = 0;  // eviction_error makes an error of it
  std::uint32_t version_min = 0;
  std::uint32_t version_max = 0;
};

/// Read one whole frame's header; fewer than 256 bytes are truncated, another speaker malformed.
result<reply_header> read_reply_header(const_bytes frame);
result<eviction> read_eviction(const_bytes frame);
bool is_eviction(const_bytes frame) noexcept;
/// The error of an eviction's frame: its reason, or what is wrong with the frame.
error_code eviction_of(const_bytes frame);

}  // namespace vibes::protocol::vsr
