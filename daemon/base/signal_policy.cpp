#include "daemon/base/signal_policy.hpp"

namespace vibes {

signal_reaction reaction_to(int signal, const signal_surroundings& at, bool stopping) noexcept {
  switch (signal) {
    case SIGTERM:
    case SIGINT:
    case SIGQUIT: return stopping ? signal_reaction::skip_drain : signal_reaction::begin_stop;
    case SIGXCPU: return stopping ? signal_reaction::none : signal_reaction::begin_stop;
    case SIGHUP: break;
    default: return signal_reaction::none;
  }
  // The terminal that the log goes to is going.
  const bool ends_us = at.terminal && !at.service_manager && !at.hangup_ignored;
  if (!ends_us) return signal_reaction::say_ignored;
  return stopping ? signal_reaction::none : signal_reaction::begin_stop;
}

std::string_view signal_name(int signal) noexcept {
  switch (signal) {
    case SIGTERM: return "SIGTERM";
    case SIGINT: return "SIGINT";
    case SIGQUIT: return "SIGQUIT";
    case SIGXCPU: return "SIGXCPU";
    case SIGHUP: return "SIGHUP";
    default: return "a signal";
  }
}

}  // namespace vibes
