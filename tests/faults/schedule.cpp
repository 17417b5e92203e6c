#include "tests/faults/schedule.hpp"

#include <array>
#include <random>

namespace vibes::faults {
namespace {

// The distributions of <random> differ between libraries; the engine's numbers do not.
class dice {
 public:
  explicit dice(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t between(std::uint64_t least, std::uint64_t most) {
    return least + engine_() % (most - least + 1);
  }
  bool one_in(std::uint64_t count) { return between(1, count) == 1; }

 private:
  std::mt19937_64 engine_;
};

constexpr std::array<const char*, 10> names = {"none",       "delay", "stall",
                                               "trickle",    "cut",   "reset",
                                               "half close", "flip",  "drop new connections",
                                               "refuse"};

/// Inside the first header, inside a handshake, or deep in a batch.
std::uint64_t some_place(dice& with) {
  constexpr std::array<std::uint64_t, 4> most = {12, 300, 2'000, 30'000};
  return with.between(0, most[with.between(0, most.size() - 1)]);
}

fault make_fault(dice& with, const schedule_limits& limits) {
  fault made;
  made.what = static_cast<fault_kind>(with.between(1, names.size() - 1));
  made.lasts_ms =
      static_cast<std::uint32_t>(with.between(limits.lasts_ms_min, limits.lasts_ms_max));
  const std::uint64_t side = with.between(1, 3);
  made.up = (side & 1) != 0;
  made.down = (side & 2) != 0;
  switch (made.what) {
    case fault_kind::delay: made.delay_ms = static_cast<std::uint32_t>(with.between(1, 150)); break;
    case fault_kind::cut:
    case fault_kind::reset:
    case fault_kind::half_close:
    case fault_kind::flip:
      made.up = side == 1;
      made.down = !made.up;
      made.after_bytes = some_place(with);
      made.again = with.one_in(3);
      made.mask = static_cast<std::uint8_t>(with.one_in(2) ? 1U << with.between(0, 7)
                                                           : with.between(1, 255));
      if (made.what == fault_kind::flip && !limits.flips_requests) {
        made.up = false;
        made.down = true;
      }
      break;
    case fault_kind::none:
    case fault_kind::stall:
    case fault_kind::trickle: break;
    case fault_kind::drop_new:
    case fault_kind::refuse: made.up = made.down = true; break;
  }
  return made;
}

}  // namespace

std::vector<fault> make_schedule(std::uint64_t seed, const schedule_limits& limits) {
  dice with(seed);
  std::vector<fault> made;
  const std::uint64_t count = with.between(1, limits.faults_max);
  for (std::uint64_t i = 0; i < count; ++i) made.push_back(make_fault(with, limits));
  return made;
}

std::string to_string(const std::vector<fault>& schedule) {
  std::string text;
  for (const fault& each : schedule) {
    if (!text.empty()) text += "; ";
    text += names[static_cast<std::size_t>(each.what)];
    if (each.up != each.down) text += each.up ? " up" : " down";
    switch (each.what) {
      case fault_kind::delay: text += " by " + std::to_string(each.delay_ms) + " ms"; break;
      case fault_kind::cut:
      case fault_kind::reset:
      case fault_kind::half_close:
      case fault_kind::flip:
        text += " behind byte " + std::to_string(each.after_bytes);
        if (each.what == fault_kind::flip) text += " with mask " + std::to_string(each.mask);
        if (each.again) text += ", again and again";
        break;
      default: break;
    }
    text += ", " + std::to_string(each.lasts_ms) + " ms";
  }
  return text;
}

}  // namespace vibes::faults
