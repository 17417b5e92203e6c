#include "protocol/vsr/header.hpp"

#include "protocol/bytes.hpp"

namespace vibes::protocol::vsr {
namespace {

byte_reader at(const_bytes frame, std::size_t where) {
  return byte_reader(frame.subspan(where));
}

error_code check_speaker(const_bytes frame, speaker expected) {
  if (frame.size() < header_size) return make_error_code(wire_errc::truncated);
  if (at(frame, header_at::speaker).u8() != static_cast<std::uint8_t>(expected)) {
    return make_error_code(wire_errc::malformed);
  }
  return {};
}

}  // namespace

operation operation_of(command what) noexcept {
  switch (what) {
    case command::login_with_password:
    case command::login_with_token: return operation::open_session;
    case command::logout: return operation::logout;
    case command::create_stream: return operation::create_stream;
    case command::create_topic: return operation::create_topic;
    case command::send_messages: return operation::send_messages;
    case command::store_consumer_offset: return operation::store_consumer_offset;
    case command::ping:
    case command::get_stats:
    case command::get_cluster_metadata:
    case command::bind_session:
    case command::poll_messages:
    case command::get_partition_route:
    case command::get_consumer_offset:
    case command::get_stream:
    case command::get_topic: break;
  }
  return operation::not_replicated;
}

void store_header(std::byte* to, const request_header& header) noexcept {
  store_number(to + header_at::size, static_cast<std::uint32_t>(header_size + header.body_size));
  to[header_at::speaker] = static_cast<std::byte>(speaker::request);
  store_number(to + request_at::client, header.client.low);
  store_number(to + request_at::client + 8, header.client.high);
  store_number(to + request_at::identity, header.identity.low);
  store_number(to + request_at::identity + 8, header.identity.high);
  store_number(to + request_at::number, header.number);
  to[request_at::operation] = static_cast<std::byte>(header.what);
  store_number(to + request_at::session, header.session_id);
  store_number(to + request_at::command, header.command);
  store_number(to + request_at::incarnation, header.context.incarnation);
  store_number(to + request_at::metadata_op, header.context.metadata_op);
}

result<reply_header> read_reply_header(const_bytes frame) {
  if (const error_code error = check_speaker(frame, speaker::reply)) return error;
  return reply_header{at(frame, reply_at::commit).u64(), at(frame, reply_at::number).u64(),
                      static_cast<operation>(at(frame, reply_at::operation).u8()),
                      at(frame, reply_at::status).u32()};
}

result<eviction> read_eviction(const_bytes frame) {
  if (const error_code error = check_speaker(frame, speaker::eviction)) return error;
  if (frame.size() > header_size) return make_error_code(wire_errc::trailing_bytes);
  return eviction{at(frame, eviction_at::reason).u8(), at(frame, eviction_at::version_min).u32(),
                  at(frame, eviction_at::version_max).u32()};
}

error_code eviction_of(const_bytes frame) {
  const result<eviction> read = read_eviction(frame);
  return read ? eviction_error(read->reason) : read.error();
}

bool is_eviction(const_bytes frame) noexcept {
  return frame.size() >= header_size &&
         frame[header_at::speaker] == static_cast<std::byte>(speaker::eviction);
}

}  // namespace vibes::protocol::vsr
