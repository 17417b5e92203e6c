#pragma once

#include <string>
#include <string_view>

#include "daemon/admin/lock_wait.hpp"
#include "daemon/base/signal_policy.hpp"
#include "daemon/io/process/service_manager.hpp"

namespace vibes::io {

/// Who holds the lock of a journal's directory. A directory without one, or one that cannot be
/// opened, counts as free: opening the journal finds out what is wrong.
admin::lock_state inspect_journal_lock(const std::string& directory);

/// Who holds an flock on a file, by a text like that of /proc/locks; 0 when nobody is named.
std::int64_t flock_holder(std::string_view locks, unsigned major, unsigned minor,
                          std::uint64_t inode);

enum class lock_outcome : std::uint8_t { free, held, stopped };
/// Waits until nobody holds the lock, for `limit` at most. Tells log and service manager, and asks
/// the latter for that time. A signal to stop ends the wait: between hold_signals() and
/// release_signals() only.
lock_outcome wait_for_journal(const std::string& directory, duration limit, service_manager&,
                              const signal_surroundings&);

/// "DIRECTORY/lock is held by pid 42".
std::string explain_lock(const std::string& directory, const admin::lock_state&);

}  // namespace vibes::io
