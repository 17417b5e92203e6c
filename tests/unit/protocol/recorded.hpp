#pragma once

#include <cstring>

#include "protocol/codec.hpp"
#include "tests/support/recording.hpp"

namespace vibes::test {

struct recorded_server {
  const char* version;
  protocol::generation gen;
};
inline constexpr recorded_server recorded_servers[] = {
    {"0.4.96", protocol::generation::iggy_0_4}, {"0.5.0", protocol::generation::iggy_0_5},
    {"0.6.0", protocol::generation::iggy_0_6},  {"0.7.0", protocol::generation::iggy_0_7},
    {"0.8.0", protocol::generation::iggy_0_7},  {"0.9.0-edge.5", protocol::generation::iggy_0_9},
};

/// A little-endian number of the frame, read without the code under test.
template <class Number>
Number number_at(const frame_bytes& frame, std::size_t at) {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value = static_cast<Number>(value | static_cast<Number>(frame.at(at + i)) << (8 * i));
  }
  return value;
}

template <class Number>
void set_number(frame_bytes& frame, std::size_t at, Number value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    frame.at(at + i) = static_cast<std::byte>((value >> (8 * i)) & 0xff);
  }
}

/// What a recorded request asks for: the second number of its frame, or from 0.9 on (whose frames
/// begin with zeros) its operation and, where that says nothing, a number further on.
inline protocol::command asked_by(const frame_bytes& request) {
  using protocol::command;
  if (number_at<std::uint32_t>(request, 0) != 0) {
    return static_cast<command>(number_at<std::uint32_t>(request, 4));
  }
  switch (number_at<std::uint8_t>(request, 176)) {
    case 1: return command::login_with_password;
    case 3: return command::logout;
    case 128: return command::create_stream;
    case 132: return command::create_topic;
    case 160: return command::send_messages;
    case 161: return command::store_consumer_offset;
    default: return static_cast<command>(number_at<std::uint32_t>(request, 196));
  }
}

/// A reply's header, and where its status stands.
inline std::size_t header_size_of(protocol::generation gen) {
  return protocol::is_vsr(gen) ? 256 : 8;
}
inline std::size_t status_at(protocol::generation gen) {
  return protocol::is_vsr(gen) ? 216 : 0;
}
/// Where a reply says how long it is, and what it says there when it has `size` bytes.
inline std::size_t length_at(protocol::generation gen) {
  return protocol::is_vsr(gen) ? 48 : 4;
}
inline std::uint32_t length_of(protocol::generation gen, std::size_t size) {
  return static_cast<std::uint32_t>(protocol::is_vsr(gen) ? size : size - 8);
}

/// A codec with a session of its own, where it needs one.
inline std::unique_ptr<protocol::codec> codec_of(protocol::generation gen) {
  return protocol::make_codec(gen, std::make_shared<protocol::session>());
}

}  // namespace vibes::test
