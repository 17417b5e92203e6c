#include "daemon/ingest/event_types.hpp"

#include <algorithm>
#include <array>

namespace vibes::ingest {
namespace {

constexpr std::array event_types = {
    event_type{"claude", true},
    event_type{"client_connected", false},
    event_type{"client_disconnected", false},
    event_type{"hook", false},
    event_type{"ownership_transferred", true},
    event_type{"permission_response", true},
    event_type{"plugin_loaded", false},
    event_type{"plugin_unloaded", false},
    event_type{"prompt_submitted", true},
    event_type{"pty_exit", true},
    event_type{"pty_output", true},
    event_type{"server_started", false},
    event_type{"server_stopped", false},
    event_type{"session_created", true},
    event_type{"session_deleted", true},
    event_type{"session_removed", true},
    event_type{"session_renamed", true},
    event_type{"session_state_changed", true},
    event_type{"tunnel_started", false},
    event_type{"tunnel_state_changed", false},
    event_type{"tunnel_stopped", false},
    event_type{"turn_completed", true},
    event_type{"user_input", true},
};
static_assert(std::ranges::is_sorted(event_types, {}, &event_type::name));

}  // namespace

const event_type* find_event_type(std::string_view name) noexcept {
  const auto* const found = std::ranges::lower_bound(event_types, name, {}, &event_type::name);
  return found != event_types.end() && found->name == name ? found : nullptr;
}

}  // namespace vibes::ingest
