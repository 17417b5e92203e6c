#include "daemon/store/admission.hpp"

#include <algorithm>

namespace vibes::store {

overflow_verdict decide_overflow(const admission_limits& limits, const progress_watch& progress,
                                 time_point now, time_point waiting_since) noexcept {
  if (now < progress.stalled_at(limits.stall)) return overflow_verdict::wait;
  switch (limits.policy) {
    case overflow_policy::drop_oldest: return overflow_verdict::drop_oldest;
    case overflow_policy::drop_newest: return overflow_verdict::refuse;
    case overflow_policy::block: break;
  }
  return now < waiting_since + limits.block ? overflow_verdict::wait : overflow_verdict::refuse;
}

time_point ask_again_at(const admission_limits& limits, const progress_watch& progress,
                        time_point waiting_since) noexcept {
  const time_point stalled = progress.stalled_at(limits.stall);
  if (limits.policy != overflow_policy::block) return stalled;
  return std::max(stalled, waiting_since + limits.block);
}

}  // namespace vibes::store
