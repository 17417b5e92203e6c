#pragma once

#include "protocol/bytes.hpp"
#include "protocol/handshake/handshake.hpp"
#include "tests/support/recording.hpp"

// An input of the handshake's target: four bytes of a plan, then what the server says, frame by
// frame. So that an input gets beyond the login without guessing headers, a frame may be a known
// reply with some bytes changed, a payload, or a status alone.

namespace vibes::test {

/// Of a frame: a byte says this (bits 3 and 4) and of which generation it is (bits 0 to 2). Then:
enum class frame_form : std::uint8_t {
  known,    // which (u8), number of changes (u8), each of them a place (u16) and a byte
  payload,  // size (u16), bytes; the header is made
  status,   // u16; the rest is made
  raw       // size (u16), bytes
};

class handshake_input {
 public:
  explicit handshake_input(std::span<const std::byte> input) : from_(input) {}

  protocol::handshake_plan plan();
  bool ended() const { return from_.remaining() == 0; }
  /// The next frame, to a handshake that has asked this.
  frame_bytes frame(protocol::command asked);

 private:
  frame_bytes changed_reply(protocol::generation, protocol::command asked);
  frame_bytes rest_of_frame();

  protocol::byte_reader from_;
};

/// The last step of the handshake that an input leads to, every step of it checked.
protocol::handshake::step checked_handshake(std::span<const std::byte> input);

}  // namespace vibes::test
