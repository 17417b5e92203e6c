#pragma once

#include <array>
#include <csignal>
#include <cstdint>
#include <string_view>

namespace vibes {

/// Handled by the loop of `run`.
inline constexpr std::array handled_signals = {SIGTERM, SIGINT, SIGQUIT, SIGXCPU, SIGHUP};
/// Ignored by `run` from its start on: a full file system, a file size limit or a reader that has
/// gone is an error of the call that meets it, and a stray signal must not end the daemon.
inline constexpr std::array ignored_signals = {SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2, SIGALRM};

/// What the meaning of a hangup depends on, as it was at the start.
struct signal_surroundings {
  bool service_manager = false;  // systemd started the process
  bool terminal = false;         // standard error is one
  bool hangup_ignored = false;   // by whoever started the process, as nohup does
};

enum class signal_reaction : std::uint8_t {
  begin_stop,
  skip_drain,   // of the stop that has begun
  say_ignored,  // only a line in the log
  none,
};

/// What a handled signal does. SIGHUP and SIGXCPU come more than once for one cause (from the
/// kernel and from a shell; for each second of processor time over the limit), so they begin a stop
/// and never skip its drain.
signal_reaction reaction_to(int signal, const signal_surroundings&, bool stopping) noexcept;

/// "SIGTERM" and so on, for the handled ones.
std::string_view signal_name(int signal) noexcept;

}  // namespace vibes
