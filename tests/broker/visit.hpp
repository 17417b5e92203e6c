#pragma once

#include <optional>
#include <string>

#include "tests/broker/conversation.hpp"
#include "tests/support/recording.hpp"

// A broker and one connection to it, without sockets; and requests to say there.

namespace vibes::test {

using broker::command;
using broker::status;

/// What came back for some bytes.
struct heard {
  frame_bytes replies;
  std::size_t consumed = 0;
  std::size_t wanted = 0;
  bool hang_up = false;
};

class visit {
 public:
  explicit visit(broker::broker_options options = {});
  explicit visit(broker::generation speaks);

  /// Says these bytes, as received at `now_us`.
  heard say(const frame_bytes& received, std::uint64_t now_us = 1'000);
  /// Says one request and expects exactly a status back, the request consumed, the line kept.
  void refuses(status expected, const frame_bytes& request);
  /// Says one request and expects a success; returns its body.
  frame_bytes succeeds(const frame_bytes& request, std::uint64_t now_us = 1'000);
  /// Says one request and expects the line to be cut without a word.
  void hangs_up(const frame_bytes& request);
  /// Logs in, makes the stream "s" and in it the topic "t" with this many partitions, in the words
  /// of this broker's generation.
  void prepare(std::uint32_t partitions);

  broker::broker& with() { return broker_; }
  broker::misbehaviour& how() { return how_; }
  broker::conversation& line() { return line_; }

 private:
  broker::broker broker_;
  broker::misbehaviour how_;
  broker::conversation line_;
};

/// Pieces of bytes, one behind the other.
frame_bytes joined(std::initializer_list<frame_bytes> pieces);
template <class Number>
frame_bytes number(Number value) {
  frame_bytes written;
  broker::put(written, value);
  return written;
}
frame_bytes text(std::string_view);   // as it is
frame_bytes name(std::string_view);   // its length before it, u8
frame_bytes named(std::string_view);  // an identifier by name

frame_bytes request(std::uint32_t code, const frame_bytes& body = {});
frame_bytes request(command, const frame_bytes& body = {});
frame_bytes status_frame(std::uint32_t code);
frame_bytes login(std::string_view user, std::string_view password);
frame_bytes create_topic(std::string_view stream, std::string_view topic, std::uint32_t partitions);
/// Consumer "c" polls a partition of s/t from an offset on.
frame_bytes poll(std::uint32_t partition, std::uint64_t offset, std::uint32_t count);

/// One message of a send, with what a client must not fill in too, so that it can do wrong.
struct record {
  std::uint64_t id = 0;
  std::string payload;
  std::string user_headers = {};
  std::uint64_t offset = 0;
  std::uint64_t reserved = 0;
};
/// A send to s/t; `where` is the partitioning as on the wire, `header` 56 or 64 bytes.
frame_bytes send(const frame_bytes& where, const std::vector<record>& records,
                 std::size_t header = 64);
frame_bytes to_partition(std::uint32_t id);

// The requests that 0.4 and 0.5 word differently.
namespace early {
/// `id` 0 lets the server choose.
frame_bytes create_stream(std::string_view name, std::uint32_t id = 0);
frame_bytes create_topic(std::string_view stream, std::string_view topic, std::uint32_t partitions,
                         std::uint32_t id = 0);
frame_bytes poll(std::uint32_t partition, std::uint64_t offset, std::uint32_t count);
/// `offset` makes it a store.
frame_bytes offset_of(std::string_view consumer, std::uint32_t partition,
                      std::optional<std::uint64_t> offset = {});
}  // namespace early
/// A send to s/t in the layout of 0.4, which has neither offsets nor reserved bytes.
frame_bytes send_0_4(const frame_bytes& where, const std::vector<record>& records);

/// The messages of a poll's body, by the 64-byte header or that of 56.
struct polled {
  std::uint64_t offset;
  std::uint64_t id;
  std::string payload;
  friend bool operator==(const polled&, const polled&) = default;
};
std::vector<polled> polled_from(const frame_bytes& body, std::size_t header = 64);
std::vector<polled> polled_from_0_4(const frame_bytes& body);

}  // namespace vibes::test
