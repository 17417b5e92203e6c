#include "protocol/classic/codec.hpp"

#include "protocol/bytes.hpp"
#include "protocol/classic/layout.hpp"
#include "protocol/classic/replies.hpp"
#include "protocol/classic/requests.hpp"
#include "protocol/classic/send.hpp"

namespace vibes::protocol {
namespace classic {

classic_codec::classic_codec(generation gen) noexcept
    : generation_(gen),
      header_size_(gen == generation::classic_0_6 ? message_header::size_0_6
                                                  : message_header::size_0_7) {}

error_code classic_codec::encode(const control_request& request, byte_vector& to) const {
  return encode_request(request, to);
}

error_code classic_codec::encode_send_body(const batch_view& batch, byte_vector& to) const {
  return encode_send(batch, header_size_, to);
}

std::size_t classic_codec::send_body_size(const batch_view& batch) const noexcept {
  return send_size(batch, header_size_);
}

void classic_codec::encode_send_header(std::size_t body_size, byte_vector& to) const {
  byte_writer writer(to);
  writer.u32(static_cast<std::uint32_t>(code_size + body_size));
  writer.u32(static_cast<std::uint32_t>(command::send_messages));
}

std::size_t classic_codec::message_overhead() const noexcept {
  return index_entry_size + header_size_;
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
    return reply{status, done{}};
  }
  result<reply_body> body = decode_payload(asked, from.take(length), header_size_);
  if (!body) return body.error();
  return reply{0, std::move(*body)};
}

}  // namespace classic

result<std::unique_ptr<codec>> make_codec(generation gen) {
  switch (gen) {
    case generation::classic_0_6:
    case generation::classic_0_7: return std::make_unique<classic::classic_codec>(gen);
    case generation::classic_0_4:
    case generation::classic_0_5:
    case generation::vsr_0_11:
    case generation::vsr_0_12: break;
  }
  return make_error_code(wire_errc::unsupported_generation);
}

}  // namespace vibes::protocol
