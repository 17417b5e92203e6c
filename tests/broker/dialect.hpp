#pragma once

#include <memory>

#include "tests/broker/broker.hpp"
#include "tests/broker/status.hpp"

namespace vibes::broker {

/// What stands at the front of a connection's bytes.
struct frame {
  enum class kind : std::uint8_t {
    incomplete,  // `size` bytes have to be there before it says more
    request,
    refused,  // not a request: answer `why`, skip `size` bytes, go on
    dropped,  // not a request, and not answered either: skip `size` bytes, go on
    hang_up,  // the server of this generation closes without a word
  };
  kind is = kind::incomplete;
  std::size_t size = 0;
  command asks = command::ping;
  bytes_view head;  // VSR: the whole header
  bytes_view body;
  status why = status::ok;
};

/// How a request ended.
struct verdict {
  enum class kind : std::uint8_t { answered, refused, silent, hang_up };
  kind is = kind::answered;
  status why = status::ok;
  /// How far into the frame the server had read when it gave up. Real servers read a send in
  /// stages: what they left unread is then taken for the next frame.
  std::size_t read_bytes = all;
  /// Of a send: whether it is stored now. An answer may also say that it is not, or was before.
  bool stored = true;

  static constexpr std::size_t all = ~std::size_t{0};
  static verdict answer() { return {}; }
  static verdict refuse(status why) { return {kind::refused, why, all, false}; }
  static verdict refuse(status why, std::size_t read) { return {kind::refused, why, read, false}; }
  static verdict stay_silent() { return {kind::silent, status::ok, all, false}; }
  static verdict hang_up() { return {kind::hang_up, status::ok, all, false}; }
};

struct serving {
  broker& with;
  session& who;
  std::uint64_t now_us;
};

/// One generation of the wire, without I/O. A frame is recognised, served, and its reply appended;
/// when the verdict is not `answered`, nothing has been appended.
class dialect {
 public:
  virtual ~dialect() = default;
  virtual frame next_frame(bytes_view buffered) const = 0;
  virtual verdict serve(const frame& request, serving at, bytes& replies) const = 0;
  virtual void write_status(std::uint32_t code, const frame& to, bytes& replies) const = 0;
  /// The last word of a server that shuts down, if this generation has one.
  virtual void write_farewell(bytes&) const {}
  /// Tells a client, unasked, that its session has ended, where a generation has such a word.
  virtual void write_eviction(const session&, std::uint8_t, bytes&) const {}
  /// The replies so far have left for this connection's client.
  virtual void replied(broker&, const session&) const {}
  virtual void left(broker& with, const session& gone) const {
    with.data().client_left(gone.client);
  }
  /// The bytes of the largest frame that is accepted; a greater one ends the connection.
  virtual std::size_t frame_bytes_max() const = 0;
  virtual std::string_view version() const = 0;
  /// Where the ids of streams, topics, partitions and groups begin.
  virtual std::uint32_t first_id() const { return 0; }
};

std::unique_ptr<const dialect> make_dialect(const broker_options&);

}  // namespace vibes::broker
