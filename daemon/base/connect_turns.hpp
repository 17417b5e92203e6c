#pragma once

#include <cstddef>
#include <optional>

#include "daemon/base/time.hpp"

namespace vibes {

/// Which of a name's addresses is tried next, and until when. Pure.
///
/// The addresses of a round share its time: each gets an equal part of what is left, so that one
/// that drops every packet does not keep the others from their turn. A part is not made shorter
/// than `part_min`; addresses for which there was no time then are the first of the next round. A
/// round begins with the address that the last one connected to.
class connect_turns {
 public:
  /// A server on another continent answers well within this.
  static constexpr duration part_min = std::chrono::milliseconds(500);

  struct turn {
    std::size_t index = 0;  // of the round's addresses
    time_point deadline;
  };

  /// A round over so many addresses, which ends at `deadline`.
  void begin(std::size_t count, time_point deadline) noexcept;
  /// Nothing when each address has had its turn, or the time is over.
  std::optional<turn> next(time_point now) noexcept;
  /// The address of the last turn has connected.
  void connected() noexcept { first_ = last_; }

 private:
  std::size_t count_ = 0;
  std::size_t left_ = 0;   // addresses without a turn in this round
  std::size_t first_ = 0;  // where the next round begins
  std::size_t last_ = 0;   // whose turn it was last
  time_point deadline_;
};

}  // namespace vibes
