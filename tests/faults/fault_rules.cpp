#include "tests/faults/fault_rules.hpp"

#include <algorithm>

namespace vibes::faults {

ruling fault_rules::rule(direction way, std::span<std::byte> waiting, std::uint32_t waited_ms) {
  const ruling all{ruling::kind::pass, waiting.size(), 0};
  const ruling nothing{ruling::kind::hold, 0, 0};
  if (now_.concerns(way) && !spent_) {
    switch (now_.what) {
      case fault_kind::cut:
      case fault_kind::reset:
      case fault_kind::half_close:
      case fault_kind::flip: return strike(way, waiting);
      case fault_kind::stall: return nothing;
      case fault_kind::delay:
        if (!waiting.empty() && waited_ms < now_.delay_ms)
          return {ruling::kind::pause, 0, now_.delay_ms - waited_ms};
        break;
      case fault_kind::trickle:
        if (!waiting.empty()) return {ruling::kind::pass, 1, 0};
        break;
      case fault_kind::none:
      case fault_kind::drop_new:
      case fault_kind::refuse: break;
    }
  }
  return waiting.empty() ? nothing : all;
}

ruling fault_rules::strike(direction way, std::span<std::byte> waiting) {
  std::uint64_t& passed = way == direction::up ? passed_up_ : passed_down_;
  const std::uint64_t left = now_.after_bytes - passed;
  const bool flips = now_.what == fault_kind::flip;
  // A cut is right behind the byte before; a flip needs the byte itself.
  const bool reached = flips ? left < waiting.size() : left == 0;
  if (!reached) {
    const std::size_t count =
        static_cast<std::size_t>(std::min<std::uint64_t>(left, waiting.size()));
    if (count == 0) return {ruling::kind::hold, 0, 0};
    passed += count;
    return {ruling::kind::pass, count, 0};
  }
  passed = 0;
  spent_ = !now_.again;
  if (flips) {
    waiting[static_cast<std::size_t>(left)] ^= std::byte{now_.mask};
    return {ruling::kind::pass, static_cast<std::size_t>(left) + 1, 0};
  }
  if (now_.what == fault_kind::half_close) return {ruling::kind::half_close, 0, 0};
  return {now_.what == fault_kind::cut ? ruling::kind::cut : ruling::kind::reset, 0, 0};
}

}  // namespace vibes::faults
