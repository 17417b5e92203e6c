#include "daemon/io/process/process_setup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>

#include "daemon/base/memory_reserve.hpp"

namespace vibes::io {
namespace {

volatile std::sig_atomic_t late_exit_code = 0;
int out_of_memory_code = 1;

void leave(int) {
  ::_exit(late_exit_code);
}

sigset_t handled() noexcept {
  sigset_t all;
  sigemptyset(&all);
  for (const int each : handled_signals) sigaddset(&all, each);
  return all;
}

}  // namespace

bool open_standard_streams() noexcept {
  for (int each = STDIN_FILENO; each <= STDERR_FILENO; ++each) {
    if (::fcntl(each, F_GETFD) >= 0) continue;
    // The lowest descriptor that is free is this one: those before it are open.
    const int mode = each == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (::open("/dev/null", mode | O_NOCTTY) != each) return false;  // NOLINT(*-vararg)
  }
  return true;
}

signal_surroundings hold_signals(bool service_manager) noexcept {
  signal_surroundings at;
  at.service_manager = service_manager;
  at.terminal = ::isatty(STDERR_FILENO) == 1;
  struct sigaction hangup {};
  at.hangup_ignored = ::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler == SIG_IGN;
  for (const int each : ignored_signals) std::signal(each, SIG_IGN);
  const sigset_t all = handled();
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  return at;
}

std::optional<int> held_signal_within(duration time) noexcept {
  const sigset_t all = handled();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const timespec wait{seconds.count(),
                      std::chrono::duration_cast<std::chrono::nanoseconds>(time - seconds).count()};
  const int got = ::sigtimedwait(&all, nullptr, &wait);
  return got > 0 ? std::optional(got) : std::nullopt;
}

void release_signals() noexcept {
  const sigset_t all = handled();
  ::pthread_sigmask(SIG_UNBLOCK, &all, nullptr);
}

void leave_when_memory_is_out(int exit_code) {
  out_of_memory_code = exit_code;
  keep_memory_reserve();
  std::set_terminate([] {
    try {
      if (const std::exception_ptr why = std::current_exception()) std::rethrow_exception(why);
    } catch (const std::bad_alloc&) {
      constexpr std::string_view said = "<2>out of memory, and the reserve is used up\n";
      leave_within(1, out_of_memory_code);  // nobody may be reading
      if (::write(STDERR_FILENO, said.data(), said.size()) >= 0) ::_exit(out_of_memory_code);
      ::_exit(out_of_memory_code);
    } catch (...) {
    }
    std::abort();
  });
}

void leave_within(unsigned seconds, int exit_code) noexcept {
  late_exit_code = exit_code;
  std::signal(SIGALRM, leave);
  ::alarm(seconds);
}

}  // namespace vibes::io
