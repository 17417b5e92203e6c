#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/replay_queue.hpp"

namespace vibes::test {

/// Simulated time starts here; no test of this room reads a clock.
inline constexpr time_point start_of_time{std::chrono::hours(1)};

/// Costs are told in whole events, so that a test's limits do not depend on the size of an entry.
inline constexpr std::size_t cost_of_empty = store::entry_overhead_bytes;

inline store::new_event event_of(protocol::session_hash session, std::string_view payload = "{}") {
  store::new_event made;
  made.session = session;
  made.payload = payload;
  return made;
}

inline store::new_event awaited_event_of(protocol::session_hash session,
                                         std::string_view payload = "{}") {
  store::new_event made = event_of(session, payload);
  made.ack_wanted = true;
  return made;
}

/// Sorted ids 0..count-1, as servers from 0.6 on number partitions. Session n then goes to lane
/// n % count.
inline std::vector<protocol::partition_id> partitions(std::uint32_t count,
                                                      protocol::partition_id first = 0) {
  std::vector<protocol::partition_id> ids;
  for (std::uint32_t i = 0; i < count; ++i) ids.push_back(first + i);
  return ids;
}

inline std::vector<store::sequence_number> numbers(const store::batch& of) {
  std::vector<store::sequence_number> found;
  for (const store::entry* each : of.entries) found.push_back(each->sequence);
  return found;
}

/// Every live event, oldest first.
inline std::vector<store::sequence_number> numbers(const store::replay_queue& of) {
  std::vector<store::sequence_number> found;
  of.for_each([&](const store::entry& each) { found.push_back(each.sequence); });
  return found;
}

inline std::string_view text(const store::entry& of) {
  return {reinterpret_cast<const char*>(of.payload().data()), of.payload_size};
}

using sequences = std::vector<store::sequence_number>;

}  // namespace vibes::test
