#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vibes::store {

/// Why an event that was read from a producer did not reach Iggy. One event, one reason, one count.
enum class loss_reason : std::uint8_t {
  overflow_drop_oldest,    // the queue was full in an outage: an older event made room
  overflow_drop_newest,    // the queue was full in an outage: the new event was refused
  overflow_block_expired,  // the queue was full in an outage: the new event had waited block_ms
  refused_by_iggy,         // Iggy refused the event itself, for good
  left_at_stop,            // still queued when the daemon had to stop, and not on disk
  dropped_by_operator,     // an operator took it out of the queue
  journal_damage,          // was on disk only, and could not be read back
  out_of_memory,           // the new event was refused: the system had no memory for it
};
inline constexpr std::size_t loss_reason_count = 8;

/// Stable names, as status, metrics and the log print them.
constexpr std::string_view to_string(loss_reason reason) noexcept {
  constexpr std::array<std::string_view, loss_reason_count> names = {
      "overflow_drop_oldest", "overflow_drop_newest", "overflow_block_expired", "refused_by_iggy",
      "left_at_stop",         "dropped_by_operator",  "journal_damage",         "out_of_memory"};
  return names[static_cast<std::size_t>(reason)];
}

/// The one place where lost events are counted. At every moment
/// received + recovered = committed + in the queue, in memory or on disk, + total().
class loss_ledger {
 public:
  void add(loss_reason reason, std::uint64_t events = 1) noexcept {
    counts_[static_cast<std::size_t>(reason)] += events;
  }
  std::uint64_t of(loss_reason reason) const noexcept {
    return counts_[static_cast<std::size_t>(reason)];
  }
  std::uint64_t total() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t each : counts_) sum += each;
    return sum;
  }

 private:
  std::array<std::uint64_t, loss_reason_count> counts_{};
};

}  // namespace vibes::store
