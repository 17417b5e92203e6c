#include "protocol/vsr/codec.hpp"

#include "protocol/bytes.hpp"
#include "protocol/vsr/batch.hpp"
#include "protocol/vsr/header.hpp"
#include "protocol/vsr/replies.hpp"
#include "protocol/vsr/requests.hpp"

namespace vibes::protocol::vsr {

error_code vsr_codec::encode(const control_request& request, request_number number,
                             byte_vector& to) const {
  return encode_request(request, generation_, *session_, number, to);
}

error_code vsr_codec::encode_send_body(const batch_view& batch, byte_vector& to) const {
  return encode_batch(batch, generation_, to);
}

void vsr_codec::encode_send_header(std::size_t body_size, const partition_context& context,
                                   request_number number, byte_vector& to) const {
  request_header header{body_size, session_->client};
  header.number = number;
  header.what = operation::send_messages;
  header.session_id = session_->id;
  if (generation_ == generation::iggy_0_10) header.context = context;
  to.resize(to.size() + header_size);
  store_header(to.data() + to.size() - header_size, header);
}

frame_need vsr_codec::need(const_bytes buffered, std::size_t frame_size_max) const noexcept {
  constexpr frame_need malformed{frame_need::kind::malformed, 0};
  std::size_t size = header_size;
  if (buffered.size() >= header_at::size + sizeof(std::uint32_t)) {
    size = byte_reader(buffered.subspan(header_at::size)).u32();
    if (size < header_size) return malformed;
  }
  if (size > frame_size_max) return malformed;
  if (buffered.size() > header_at::speaker) {
    const auto who = static_cast<speaker>(buffered[header_at::speaker]);
    const bool bare_eviction = who == speaker::eviction && size == header_size;
    if (who != speaker::reply && !bare_eviction) return malformed;
  }
  if (buffered.size() < size) return {frame_need::kind::more, size};
  return {frame_need::kind::complete, size};
}

result<std::optional<request_number>> vsr_codec::answered(const_bytes frame) const {
  if (is_eviction(frame)) return eviction_of(frame);
  const result<reply_header> header = read_reply_header(frame);
  if (!header) return header.error();
  return header->number;
}

result<reply> vsr_codec::decode(command asked, const_bytes frame) const {
  return decode_reply(asked, generation_, frame);
}

}  // namespace vibes::protocol::vsr
