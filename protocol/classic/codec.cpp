#include "protocol/classic/codec.hpp"

#include "protocol/bytes.hpp"
#include "protocol/classic/headers_first.hpp"
#include "protocol/classic/layout.hpp"
#include "protocol/classic/replies.hpp"
#include "protocol/classic/requests.hpp"
#include "protocol/classic/send.hpp"

namespace vibes::protocol::classic {

error_code classic_codec::encode(const control_request& request, request_number,
                                 byte_vector& to) const {
  return encode_request(request, dialect_, to);
}

error_code classic_codec::encode_send_body(const batch_view& batch, byte_vector& to) const {
  return dialect_.headers_first ? encode_headers_first(batch, to)
                                : encode_send(batch, dialect_.header_size, to);
}

void classic_codec::encode_send_header(std::size_t body_size, const partition_context&,
                                       request_number, byte_vector& to) const {
  byte_writer writer(to);
  writer.u32(static_cast<std::uint32_t>(code_size + body_size));
  writer.u32(static_cast<std::uint32_t>(command::send_messages));
}

frame_need classic_codec::need(const_bytes buffered, std::size_t frame_size_max) const noexcept {
  if (buffered.size() < frame_header_size) return {frame_need::kind::more, frame_header_size};
  byte_reader header(buffered.first(frame_header_size));
  const std::uint32_t status = header.u32();
  const std::size_t size = frame_header_size + header.u32();
  // A refusal carries no payload: anything else is not this protocol.
  if (size > frame_size_max || (status != 0 && size != frame_header_size)) {
    return {frame_need::kind::malformed, 0};
  }
  if (buffered.size() < size) return {frame_need::kind::more, size};
  return {frame_need::kind::complete, size};
}

result<reply> classic_codec::decode(command asked, const_bytes frame) const {
  byte_reader from(frame);
  const std::uint32_t status = from.u32();
  const std::uint32_t length = from.u32();
  if (from.error()) return from.error();
  if (length != from.remaining()) {
    return make_error_code(length > from.remaining() ? wire_errc::truncated
                                                     : wire_errc::trailing_bytes);
  }
  if (status != 0) {
    if (length != 0) return make_error_code(wire_errc::malformed);
    return reply{status, done{}, 0};
  }
  const const_bytes payload = from.take(length);
  result<reply_body> body = dialect_.headers_first
                                ? decode_headers_first(asked, payload)
                                : decode_payload(asked, payload, dialect_.header_size);
  if (!body) return body.error();
  return reply{0, std::move(*body), 0};
}

}  // namespace vibes::protocol::classic
