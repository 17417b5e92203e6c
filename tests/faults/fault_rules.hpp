#pragma once

#include <span>

#include "tests/faults/schedule.hpp"

namespace vibes::faults {

/// What is to become of bytes that wait to pass.
struct ruling {
  enum class kind : std::uint8_t {
    pass,        // the first `bytes` of them, at least one; then ask again
    pause,       // ask again after `pause_ms`
    hold,        // ask again when the weather has changed
    cut,         // close both sides
    reset,       // the same with a reset
    half_close,  // this direction ends: the receiver is told, the rest is thrown away
  };
  kind is = kind::pass;
  std::size_t bytes = 0;
  std::uint32_t pause_ms = 0;
};

/// One fault at a time, applied to the bytes of all connections together. Without I/O or a clock.
class fault_rules {
 public:
  void begin(const fault& now) {
    now_ = now;
    passed_up_ = passed_down_ = 0;
    spent_ = false;
  }
  void heal() { begin({}); }

  bool listens() const { return now_.what != fault_kind::refuse; }
  bool keeps_new_connections() const { return listens() && now_.what != fault_kind::drop_new; }

  /// Bytes that have waited for `waited_ms`. A flip changes them in place. What is ruled to pass
  /// counts as passed. With nothing waiting it may rule cut, reset or half_close, or hold.
  ruling rule(direction, std::span<std::byte> waiting, std::uint32_t waited_ms);

 private:
  ruling strike(direction, std::span<std::byte> waiting);

  fault now_;
  std::uint64_t passed_up_ = 0;
  std::uint64_t passed_down_ = 0;
  bool spent_ = false;
};

}  // namespace vibes::faults
