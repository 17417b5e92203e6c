#pragma once

#include "protocol/classic/dialect.hpp"
#include "protocol/codec.hpp"

namespace vibes::protocol::classic {

/// Servers 0.4 to 0.8: one framing, three layouts of messages. Stateless.
class classic_codec final : public codec {
 public:
  explicit classic_codec(generation gen) noexcept : dialect_(dialect_of(gen)) {}

  generation gen() const noexcept override { return dialect_.gen; }
  error_code encode(const control_request&, byte_vector& to) const override;
  error_code encode_send_body(const batch_view&, byte_vector& to) const override;
  std::size_t send_body_size(const batch_view&) const noexcept override;
  void encode_send_header(std::size_t body_size, byte_vector& to) const override;
  std::size_t message_overhead() const noexcept override;
  frame_need need(const_bytes buffered, std::size_t frame_size_max) const noexcept override;
  result<reply> decode(command asked, const_bytes frame) const override;

 private:
  dialect dialect_;
};

}  // namespace vibes::protocol::classic
