#pragma once

#include "protocol/codec.hpp"

namespace vibes::protocol::vsr {

/// Servers 0.9 and 0.10: frames with a header of 256 bytes, sessions, checksummed batches
/// (docs/wire.md, "VSR framing"). Its only state is the session.
class vsr_codec final : public codec {
 public:
  /// The session must be given.
  vsr_codec(generation gen, std::shared_ptr<session> with) noexcept
      : generation_(gen), session_(std::move(with)) {}

  generation gen() const noexcept override { return generation_; }
  request_number next_number() noexcept override { return session_->next_number(); }
  error_code encode(const control_request&, request_number, byte_vector& to) const override;
  error_code encode_send_body(const batch_view&, byte_vector& to) const override;
  void encode_send_header(std::size_t body_size, const partition_context&, request_number,
                          byte_vector& to) const override;
  frame_need need(const_bytes buffered, std::size_t frame_size_max) const noexcept override;
  result<std::optional<request_number>> answered(const_bytes frame) const override;
  result<reply> decode(command asked, const_bytes frame) const override;

 private:
  generation generation_;
  std::shared_ptr<session> session_;
};

}  // namespace vibes::protocol::vsr
