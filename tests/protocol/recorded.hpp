#pragma once

#include <cstring>

#include "protocol/codec.hpp"
#include "tests/kit/recording.hpp"

namespace vibes::test {

struct recorded_server {
  const char* version;
  protocol::generation gen;
};
inline constexpr recorded_server recorded_servers[] = {
    {"0.4.96", protocol::generation::classic_0_4}, {"0.5.0", protocol::generation::classic_0_5},
    {"0.6.0", protocol::generation::classic_0_6},  {"0.7.0", protocol::generation::classic_0_7},
    {"0.8.0", protocol::generation::classic_0_7},
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

/// What a recorded request asks for: the second number of its frame.
inline protocol::command asked_by(const frame_bytes& request) {
  return static_cast<protocol::command>(number_at<std::uint32_t>(request, 4));
}

}  // namespace vibes::test
