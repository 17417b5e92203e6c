#include "protocol/version_probe.hpp"

#include "protocol/bytes.hpp"
#include "protocol/vsr/header.hpp"

namespace vibes::protocol {
namespace {

// No release will ever have this number, so the answer is always the window.
constexpr std::uint32_t version_of_nobody = 0x3fff'ffff;

// What tells 0.8: it takes eight zero bytes for a frame without a command, and says so.
constexpr std::size_t status_frame_size = 8;
constexpr std::uint64_t invalid_command_frame = 3;

// The first bytes of a TLS record: what it holds, and the major version.
constexpr std::byte tls_alert{0x15};
constexpr std::byte tls_handshake{0x16};
constexpr std::byte tls_major{0x03};

constexpr std::uint32_t minor_mask = ~std::uint32_t{0x3ff};

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
  for (const login_version& ours : {login_version{generation::iggy_0_10, protocol_0_12},
                                    login_version{generation::iggy_0_9, protocol_0_11}}) {
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

  byte_vector frame(vsr::header_size);
  vsr::store_header(
      frame.data(),
      {.body_size = body.size(), .client = client, .what = vsr::operation::open_session});
  frame.insert(frame.end(), body.begin(), body.end());
  return frame;
}

std::optional<result<detection>> read_probe_answer(const_bytes received) {
  if (begins_like_tls(received)) return make_error_code(wire_errc::login_withheld);
  if (received.size() < status_frame_size) return std::nullopt;
  byte_reader first(received.first(status_frame_size));
  const std::uint64_t start = first.u64();
  if (start == invalid_command_frame) return detection{server_family::classic_0_8};
  if (start != 0) return make_error_code(wire_errc::malformed);
  if (received.size() < vsr::header_size) return std::nullopt;
  const const_bytes header = received.first(vsr::header_size);
  if (!vsr::is_eviction(header)) {
    if (const auto reply = vsr::read_reply_header(header); !reply) return reply.error();
  }
  return detection{server_family::vsr, window_of_eviction(header)};
}

bool begins_like_tls(const_bytes received) noexcept {
  return received.size() >= 2 && (received[0] == tls_alert || received[0] == tls_handshake) &&
         received[1] == tls_major;
}

std::optional<version_window> window_of_eviction(const_bytes frame) noexcept {
  const result<vsr::eviction> read = vsr::read_eviction(frame);
  if (!read || eviction_error(read->reason) != eviction_errc::incompatible_protocol) {
    return std::nullopt;
  }
  const version_window window{read->version_min, read->version_max};
  if (window.min == 0 || window.max < window.min) return std::nullopt;
  return window;
}

}  // namespace vibes::protocol
