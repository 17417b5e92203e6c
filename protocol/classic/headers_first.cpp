#include "protocol/classic/headers_first.hpp"

#include "protocol/bytes.hpp"
#include "protocol/classic/layout.hpp"
#include "protocol/classic/replies.hpp"
#include "protocol/fields.hpp"

namespace vibes::protocol::classic {
namespace {

/// Of a polled record: offset, state, timestamp, id, checksum and two lengths.
constexpr std::size_t polled_fixed_size = 8 + 1 + 8 + 16 + 4 + 4 + 4;

polled_message read_message(byte_reader& from) {
  polled_message message;
  message.offset = from.u64();
  from.u8();  // state
  message.timestamp_us = from.u64();
  message.id = from.u128();
  message.checksum = from.u32();
  message.user_headers = from.take(from.u32());
  message.payload = from.take(from.u32());
  return message;
}

result<reply_body> decode_polled(byte_reader from) {
  polled_messages polled;
  polled.partition = from.u32();
  polled.current_offset = from.u64();
  const std::uint32_t count = from.u32();
  if (from.error()) return from.error();
  if (count > from.remaining() / polled_fixed_size) return make_error_code(wire_errc::malformed);
  polled.messages.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) polled.messages.push_back(read_message(from));
  if (const error_code error = from.finish()) return error;
  return reply_body(std::move(polled));
}

/// Exact size of the body that is formed, for valid names.
std::size_t body_size(const batch_view& batch) noexcept {
  std::size_t size = destination_size(batch);
  for (const outgoing_message& each : batch.messages) {
    size += headers_first_size + each.user_headers.size() + each.payload.size();
  }
  return size;
}

}  // namespace

error_code encode_headers_first(const batch_view& batch, byte_vector& to) {
  if (const error_code error = check_messages(batch)) return error;
  if (body_size(batch) > frame_body_size_max) {
    return make_error_code(wire_errc::value_out_of_range);
  }
  byte_writer writer(to);
  write_destination(writer, batch);
  for (const outgoing_message& each : batch.messages) {
    writer.u128(each.id);
    writer.u32(static_cast<std::uint32_t>(each.user_headers.size()));
    writer.bytes(each.user_headers);
    writer.u32(static_cast<std::uint32_t>(each.payload.size()));
    writer.bytes(each.payload);
  }
  return writer.finish();
}

result<reply_body> decode_headers_first(command asked, const_bytes payload) {
  if (asked == command::poll_messages) return decode_polled(byte_reader(payload));
  result<reply_body> body = decode_payload(asked, payload, headers_first_size);
  if (!body) return body;
  const auto* const offset = std::get_if<consumer_offset>(&*body);
  if (offset != nullptr && offset->stored_offset == 0) return reply_body(not_found{});
  return body;
}

}  // namespace vibes::protocol::classic
