#pragma once

#include <memory>

#include "protocol/reply.hpp"
#include "protocol/session.hpp"

namespace vibes::protocol {

using byte_vector = std::vector<std::byte>;
using const_bytes = std::span<const std::byte>;

/// What the bytes at the front of a receive buffer are.
struct frame_need {
  enum class kind : std::uint8_t {
    more,      // a frame has begun; `size` is how many bytes it needs at least
    complete,  // the first `size` bytes are one whole frame
    malformed  // these bytes cannot start a frame of this protocol
  };
  kind what = kind::more;
  std::size_t size = 0;
};

/// One wire generation: requests to bytes, bytes to replies. Free of I/O and clocks. Its only state
/// is the session (session.hpp), which connections of one client may share. Not thread-safe.
///
/// Classic replies carry no correlation id and come strictly in request order, one for each
/// (docs/wire.md, "Framing"). From 0.9 on a reply carries its request's number and may overtake
/// others. In both the caller says which command a frame answers.
class codec {
 public:
  virtual ~codec() = default;

  virtual generation gen() const noexcept = 0;

  /// A number for a new request. Each request takes one of its own, sends included.
  virtual request_number next_number() noexcept = 0;

  /// Appends one whole request frame. On error `to` is as it was: name_length,
  /// value_out_of_range, unsupported_generation for a request that this generation does not have.
  virtual error_code encode(const control_request&, request_number, byte_vector& to) const = 0;
  error_code encode(const control_request& request, byte_vector& to) {
    return encode(request, next_number(), to);
  }

  /// Appends the body of a send, without its frame header: formed once for a batch and kept until
  /// its reply. Refuses (and leaves `to` as it was): an empty batch, a payload over
  /// payload_size_max, a body that the frame length cannot carry, times too far apart (time_span).
  virtual error_code encode_send_body(const batch_view&, byte_vector& to) const = 0;

  /// Appends the frame header of a send whose body has `body_size` bytes: made anew for each
  /// attempt, with a new number unless the very same request is repeated.
  virtual void encode_send_header(std::size_t body_size, const partition_context&, request_number,
                                  byte_vector& to) const = 0;

  /// Frames above `frame_size_max` bytes are malformed: a length is bounded before it is believed.
  virtual frame_need need(const_bytes buffered, std::size_t frame_size_max) const noexcept = 0;

  /// Which request one whole frame answers; nothing: the oldest unanswered one. An eviction answers
  /// none and is an error (eviction_category): the session, or its place on this connection, is
  /// over.
  virtual result<std::optional<request_number>> answered(const_bytes frame) const = 0;

  /// Decodes exactly one whole frame that answers `asked`. Any cut, flipped or extra byte gives
  /// wire_errc, an eviction's error or a well-formed value.
  virtual result<reply> decode(command asked, const_bytes frame) const = 0;
};

/// The session is for 0.9 and later, and must be given there.
std::unique_ptr<codec> make_codec(generation, std::shared_ptr<session> = {});

}  // namespace vibes::protocol
