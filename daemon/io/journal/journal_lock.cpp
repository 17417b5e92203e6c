#include "daemon/io/journal/journal_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "daemon/base/log.hpp"
#include "daemon/io/process/process_setup.hpp"
#include "daemon/journal/journal_recovery.hpp"

namespace vibes::io {
namespace {

using admin::lock_wait;

constexpr auto margin = std::chrono::seconds(5);  // for what comes after the wait

std::string lock_path(const std::string& directory) {
  return directory + "/" + std::string(journal::lock_name);
}

std::string seconds_text(duration time) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

bool is_stopped_within(duration time, const signal_surroundings& surroundings) {
  const std::optional<int> signal = held_signal_within(time);
  if (!signal) return false;
  switch (reaction_to(*signal, surroundings, false)) {
    case signal_reaction::begin_stop: return true;
    case signal_reaction::say_ignored:
      log(log_level::notice, std::string(signal_name(*signal)) + " is ignored");
      return false;
    case signal_reaction::skip_drain:
    case signal_reaction::none: break;
  }
  return false;
}

}  // namespace

std::int64_t flock_holder(std::string_view locks, unsigned major, unsigned minor,
                          std::uint64_t inode) {
  // "1: FLOCK  ADVISORY  WRITE 4242 08:01:131 0 EOF"
  while (!locks.empty()) {
    const std::string line(locks.substr(0, locks.find('\n')));
    locks.remove_prefix(std::min(locks.size(), line.size() + 1));
    long pid = 0;
    unsigned line_major = 0;
    unsigned line_minor = 0;
    unsigned long line_inode = 0;
    const int read = std::sscanf(line.c_str(), "%*d: FLOCK %*s %*s %ld %x:%x:%lu", &pid,
                                 &line_major, &line_minor, &line_inode);
    const bool is_it =
        read == 4 && line_major == major && line_minor == minor && line_inode == inode;
    if (is_it && pid > 0) return pid;
  }
  return 0;
}

admin::lock_state inspect_journal_lock(const std::string& directory) {
  const int lock = ::open(lock_path(directory).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (lock < 0) return {};
  admin::lock_state seen;
  seen.is_held = ::flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  struct stat file {};
  if (seen.is_held && ::fstat(lock, &file) == 0) {
    std::ifstream locks("/proc/locks");
    const std::string text{std::istreambuf_iterator<char>(locks), {}};
    seen.holder_pid = flock_holder(text, ::major(file.st_dev), ::minor(file.st_dev), file.st_ino);
  }
  ::close(lock);
  return seen;
}

std::string explain_lock(const std::string& directory, const admin::lock_state& seen) {
  return lock_path(directory) + " is held by " +
         (seen.holder_pid > 0 ? "pid " + std::to_string(seen.holder_pid) : "another process");
}

lock_outcome wait_for_journal(const std::string& directory, duration limit,
                              service_manager& service, const signal_surroundings& surroundings) {
  lock_wait waiting(limit, std::chrono::steady_clock::now());
  while (true) {
    const admin::lock_state seen = inspect_journal_lock(directory);
    const lock_wait::step next = waiting.next(seen, std::chrono::steady_clock::now());
    if (next.what == lock_wait::action::start) return lock_outcome::free;
    if (next.what == lock_wait::action::give_up) return lock_outcome::held;
    if (next.says_so) {
      const std::string text = "waits up to " + seconds_text(limit) +
                               " for the journal: " + explain_lock(directory, seen);
      log(log_level::warning, text);
      service.status(text);
      service.extend_timeout(limit + margin);
    }
    if (is_stopped_within(next.check_again_in, surroundings)) return lock_outcome::stopped;
  }
}

}  // namespace vibes::io
