#include "protocol/vsr/polled.hpp"

#include "protocol/vsr/batch.hpp"

namespace vibes::protocol::vsr {
namespace {

/// What a batch's messages count from.
struct batch_base {
  std::uint64_t offset = 0;
  std::uint64_t timestamp_us = 0;
  std::uint64_t origin_time_us = 0;
};

polled_message read_frame(byte_reader& from, const batch_base& base) {
  polled_message message;
  message.checksum = from.u64();
  message.id = from.u128();
  message.offset = base.offset + from.u32();
  message.timestamp_us = base.timestamp_us;
  message.origin_time_us = base.origin_time_us + from.u32();
  const std::uint32_t user_headers_length = from.u32();
  const std::uint32_t payload_length = from.u32();
  from.skip(8);  // reserved
  message.payload = from.take(payload_length);
  message.user_headers = from.take(user_headers_length);
  return message;
}

/// One batch at the front of `from`: its frames fill it exactly.
error_code read_batch(byte_reader& from, std::vector<polled_message>& to) {
  byte_reader header(from.take(batch_header_size));
  header.skip(batch_header_at::base_offset);  // the partition
  batch_base base;
  base.offset = header.u64();
  base.timestamp_us = header.u64();
  base.origin_time_us = header.u64();
  const std::uint64_t length = header.u64();
  header.skip(8);  // checksum
  const std::uint32_t count = header.u32();
  if (from.error()) return from.error();
  if (length < batch_header_size) return make_error_code(wire_errc::malformed);
  byte_reader frames(from.take(length - batch_header_size));
  if (from.error()) return from.error();
  for (std::uint32_t i = 0; i < count && !frames.error(); ++i) {
    const polled_message message = read_frame(frames, base);
    if (!frames.error()) to.push_back(message);
  }
  return frames.finish();
}

}  // namespace

result<reply_body> decode_polled(byte_reader from, generation gen) {
  polled_messages polled;
  polled.partition = from.u32();
  polled.current_offset = from.u64();
  const std::uint32_t count = from.u32();
  if (gen == generation::iggy_0_10)
    from.skip(std::size_t{3} * 8);  // incarnation, owner, metadata position
  if (from.error()) return from.error();
  if (count > from.remaining() / frame_header_size) return make_error_code(wire_errc::malformed);
  polled.messages.reserve(count);
  while (from.remaining() > 0) {
    if (const error_code error = read_batch(from, polled.messages)) return error;
  }
  if (polled.messages.size() != count) return make_error_code(wire_errc::malformed);
  return reply_body(std::move(polled));
}

}  // namespace vibes::protocol::vsr
