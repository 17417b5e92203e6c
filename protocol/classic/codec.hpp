#pragma once

#include "protocol/classic/dialect.hpp"
#include "protocol/codec.hpp"

namespace vibes::protocol::classic {

/// Servers 0.4 to 0.8: one framing, three layouts of messages. Numbers are not on the wire.
class classic_codec final : public codec {
 public:
  explicit classic_codec(generation gen) noexcept : dialect_(dialect_of(gen)) {}

  generation gen() const noexcept override { return dialect_.gen; }
  request_number next_number() noexcept override { return ++last_number_; }
  error_code encode(const control_request&, request_number, byte_vector& to) const override;
  error_code encode_send_body(const batch_view&, byte_vector& to) const override;
  void encode_send_header(std::size_t body_size, const partition_context&, request_number,
                          byte_vector& to) const override;
  frame_need need(const_bytes buffered, std::size_t frame_size_max) const noexcept override;
  result<std::optional<request_number>> answered(const_bytes) const override {
    return std::nullopt;
  }
  result<reply> decode(command asked, const_bytes frame) const override;

 private:
  dialect dialect_;
  request_number last_number_ = 0;  // not on the wire
};

}  // namespace vibes::protocol::classic
