#include "protocol/vsr/codec.hpp"

#include "protocol/error.hpp"

namespace vibes::protocol::vsr {

error_code vsr_codec::encode(const control_request&, request_number, byte_vector&) const {
  return make_error_code(wire_errc::unsupported_generation);
}
error_code vsr_codec::encode_send_body(const batch_view&, byte_vector&) const {
  return make_error_code(wire_errc::unsupported_generation);
}
std::size_t vsr_codec::send_body_size(const batch_view&) const noexcept {
  return 0;
}
void vsr_codec::encode_send_header(std::size_t, const partition_context&, request_number,
                                   byte_vector&) const {}
std::size_t vsr_codec::message_overhead() const noexcept {
  return 0;
}
frame_need vsr_codec::need(const_bytes, std::size_t) const noexcept {
  return {frame_need::kind::malformed, 0};
}
result<std::optional<request_number>> vsr_codec::answered(const_bytes) const {
  return make_error_code(wire_errc::unsupported_generation);
}
result<reply> vsr_codec::decode(command, const_bytes) const {
  return make_error_code(wire_errc::unsupported_generation);
}

}  // namespace vibes::protocol::vsr
