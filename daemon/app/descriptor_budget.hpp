#pragma once

#include <cstdint>

namespace vibes::app {

/// Descriptors that producers never get, so that what makes room again can work with all of theirs
/// taken.
inline constexpr std::uint64_t process_descriptors = 14;  // streams, the loop's, sockets and locks
inline constexpr std::uint64_t admin_descriptors = 16;    // admin_server::connections_max
inline constexpr std::uint64_t link_descriptors = 8;      // nodes of Iggy, a name lookup's
inline constexpr std::uint64_t journal_descriptors = 6;
inline constexpr std::uint64_t dead_letter_descriptors = 4;
inline constexpr std::uint64_t reserved_descriptors = process_descriptors + admin_descriptors +
                                                      link_descriptors + journal_descriptors +
                                                      dead_letter_descriptors;

struct descriptor_budget {
  std::uint64_t limit = 0;          // to be set as this process's
  std::uint64_t producers_max = 0;  // at least 1: whoever sets a limit below the reserve wants that
};

/// `soft` and `hard`: RLIMIT_NOFILE as it is. `more_sockets`: listening ones beyond the first.
descriptor_budget plan_descriptors(std::uint64_t connections_max, std::uint64_t soft,
                                   std::uint64_t hard, std::uint64_t more_sockets = 0) noexcept;

}  // namespace vibes::app
