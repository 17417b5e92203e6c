#pragma once

#include <cstdint>

#include "protocol/codec.hpp"

namespace vibes::upstream {

/// What an error of Iggy or of the wire means for the link.
enum class disposition : std::uint8_t {
  proceed,            // not an error for us (created by somebody else meanwhile)
  retry,              // not applied, nothing wrong with it: the same again after a pause
  reconnect,          // the connection, or our place in its byte stream, is lost
  refresh_topology,   // stream, topic or partition is not what we think: learn it anew
  refuse,             // this batch, or an event in it, can never succeed
  wait_for_operator,  // credentials, rights, settings or an unknown server: say so, retry slowly
};

/// The one table of decisions, by number alone (docs/wire.md, "Status codes"). Numbers that it does
/// not know: a send is tried again on a fresh connection, anything else too.
disposition classify(protocol::command, const protocol::error_code&) noexcept;

}  // namespace vibes::upstream
