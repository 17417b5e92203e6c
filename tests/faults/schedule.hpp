#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vibes::faults {

/// `up` is from who connects to who listens: requests. `down` are the replies.
enum class direction : std::uint8_t { up, down };

enum class fault_kind : std::uint8_t {
  none,        // bytes pass
  delay,       // each piece waits `delay_ms` first
  stall,       // nothing passes; it does when the fault ends
  trickle,     // one byte at a time
  cut,         // the connection is closed right behind byte `after_bytes`
  reset,       // the same with a reset
  half_close,  // one direction ends there, the other goes on
  flip,        // that byte is another
  drop_new,    // connections are reset, new ones are accepted and closed at once
  refuse,      // the same, and nobody listens
};

/// What a network does for a while.
struct fault {
  fault_kind what = fault_kind::none;
  bool up = false;  // which directions it is about
  bool down = false;
  std::uint64_t after_bytes = 0;  // counted from its begin, over all connections together
  bool again = false;             // and on: the count begins anew once it has struck
  std::uint8_t mask = 0xff;       // of flip: the bits that change, never 0
  std::uint32_t delay_ms = 0;
  std::uint32_t lasts_ms = 0;

  bool concerns(direction way) const { return way == direction::up ? up : down; }
};

struct schedule_limits {
  std::size_t faults_max = 4;
  std::uint32_t lasts_ms_min = 20;
  std::uint32_t lasts_ms_max = 450;
  /// Whether requests may be changed: only where they carry checksums that the server looks at.
  bool flips_requests = false;
};

/// One to `faults_max` faults, one after the other; after the last one the network is healed. The
/// same seed and limits make the same schedule, on every machine.
std::vector<fault> make_schedule(std::uint64_t seed, const schedule_limits&);

/// For people, such as "reset down behind byte 17, 120 ms; refuse, 300 ms".
std::string to_string(const std::vector<fault>&);

}  // namespace vibes::faults
