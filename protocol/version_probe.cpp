#include "protocol/version_probe.hpp"

#include <algorithm>

#include "protocol/bytes.hpp"

namespace vibes::protocol {
namespace {

// Offsets within a header of 256 bytes (docs/wire.md, "VSR framing", "Evictions").
constexpr std::size_t header_size = 256;
constexpr std::size_t command_at = 60;
constexpr std::size_t window_max_at = 144;
constexpr std::size_t reason_at = 255;
constexpr std::uint8_t command_request = 5;
constexpr std::uint8_t command_reply = 8;
constexpr std::uint8_t command_eviction = 13;
constexpr std::uint8_t operation_register = 1;

// No release will ever have this number, so the answer is always the window.
constexpr std::uint32_t version_of_nobody = 0x3fff'ffff;

// What tells 0.8: it takes eight zero bytes for a frame without a command, and says so.
constexpr std::size_t status_frame_size = 8;
constexpr std::uint64_t invalid_command_frame = 3;

constexpr std::uint32_t minor_mask = ~std::uint32_t{0x3ff};

std::uint8_t byte_at(const_bytes frame, std::size_t at) noexcept {
  return std::to_integer<std::uint8_t>(frame[at]);
}

bool within(std::uint32_t version, const version_window& window) noexcept {
  return window.min <= version && version <= window.max;
}

std::string text_of(std::uint32_t packed) {
  return std::to_string(packed >> 20) + "." + std::to_string((packed >> 10) & 0x3ff) + "." +
         std::to_string(packed & 0x3ff);
}

}  // namespace

std::string to_string(const version_window& window) {
  if (window.min == window.max) return text_of(window.max);
  return text_of(window.min) + " to " + text_of(window.max);
}

std::optional<login_version> choose_version(const version_window& window) noexcept {
  for (const login_version& ours : {login_version{generation::vsr_0_12, protocol_0_12},
                                    login_version{generation::vsr_0_11, protocol_0_11}}) {
    // Within one minor version the server's newest patch is meant; it may not accept older ones.
    if ((window.max & minor_mask) == ours.protocol_version)
      return login_version{ours.gen, window.max};
    if (within(ours.protocol_version, window)) return ours;
    if ((window.min & minor_mask) == ours.protocol_version)
      return login_version{ours.gen, window.min};
  }
  return std::nullopt;
}

byte_vector version_probe(const message_id& client) {
  byte_vector body;
  byte_writer content(body);
  content.u32(version_of_nobody);
  content.short_text("probe");
  content.short_text("1");

  byte_vector frame;
  byte_writer to(frame);
  const auto zeros_until = [&](std::size_t at) {
    while (to.written() < at) to.u8(0);
  };
  zeros_until(48);
  to.u32(static_cast<std::uint32_t>(header_size + body.size()));
  zeros_until(command_at);
  to.u8(command_request);
  zeros_until(128);
  to.u128(client);
  zeros_until(176);
  to.u8(operation_register);
  zeros_until(header_size);
  to.bytes(body);
  return frame;
}

std::optional<result<detection>> read_probe_answer(const_bytes received) {
  if (received.size() < status_frame_size) return std::nullopt;
  byte_reader first(received.first(status_frame_size));
  const std::uint64_t start = first.u64();
  if (start == invalid_command_frame) return detection{server_family::classic_0_8};
  if (start != 0) return make_error_code(wire_errc::malformed);
  if (received.size() < header_size) return std::nullopt;
  const std::uint8_t command = byte_at(received, command_at);
  if (command != command_reply && command != command_eviction) {
    return make_error_code(wire_errc::malformed);
  }
  return detection{server_family::vsr, window_of_eviction(received.first(header_size))};
}

std::optional<version_window> window_of_eviction(const_bytes frame) noexcept {
  if (frame.size() != header_size || byte_at(frame, command_at) != command_eviction ||
      byte_at(frame, reason_at) != static_cast<int>(eviction_errc::incompatible_protocol)) {
    return std::nullopt;
  }
  byte_reader from(frame.subspan(window_max_at));
  version_window window;
  window.max = from.u32();
  window.min = from.u32();
  if (window.min == 0 || window.max < window.min) return std::nullopt;
  return window;
}

}  // namespace vibes::protocol
