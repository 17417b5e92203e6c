#pragma once

#include <cstdint>
#include <ostream>
#include <string>

namespace vibes::bench {

struct load_options {
  std::string socket;
  std::size_t producers = 8;
  std::size_t sessions = 200;
  std::size_t event_bytes = 350;
  double seconds = 5;
  std::uint64_t window = 4'000;
  std::uint64_t rate = 0;
  std::string ack = "committed";
};

/// Writes events from one thread for each producer, and prints one JSON object: events, seconds,
/// events a second, and percentiles of the time from an event's write to its ack, in microseconds.
int run_load(const load_options&, std::ostream& out);

}  // namespace vibes::bench
