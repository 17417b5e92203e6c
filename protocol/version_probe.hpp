#pragma once

#include "protocol/codec.hpp"

namespace vibes::protocol {

/// The protocol versions that a server of 0.9 or later accepts, packed; both ends included.
struct version_window {
  std::uint32_t min = 0;
  std::uint32_t max = 0;
  friend auto operator<=>(const version_window&, const version_window&) = default;
};

/// "0.12.0 to 0.12.2"; one version alone when both ends are the same.
std::string to_string(const version_window&);

enum class server_family : std::uint8_t {
  classic,      // 0.4 to 0.7: told apart after login
  classic_0_8,  // answers what it cannot read
  vsr           // 0.9 and later
};

/// What a server showed of itself before any login.
struct detection {
  server_family family = server_family::classic;
  std::optional<version_window> window{};  // of a vsr server; nothing: it did not say
};

/// What to log in with: the newest that both sides speak.
struct login_version {
  generation gen = generation::iggy_0_10;
  std::uint32_t protocol_version = protocol_0_12;
};
/// Nothing when this build speaks none of them.
std::optional<login_version> choose_version(const version_window&) noexcept;

/// One frame for a throw-away connection, before anything else: every server answers it or closes,
/// at once, and none changes anything for it (docs/wire.md, "Which server is this"). `client` is
/// random and not zero.
byte_vector version_probe(const message_id& client);

/// What the bytes received so far tell; nothing: more are needed. malformed for what is not Iggy,
/// login_withheld for TLS. A close without a byte means server_family::classic until a ping says
/// more: a server that expects TLS closes in the same way.
std::optional<result<detection>> read_probe_answer(const_bytes received);

/// Whether an answer begins as a TLS alert or handshake does. No frame of Iggy begins so.
bool begins_like_tls(const_bytes received) noexcept;

/// The window in an eviction for an incompatible version, when it makes sense.
std::optional<version_window> window_of_eviction(const_bytes frame) noexcept;

}  // namespace vibes::protocol
