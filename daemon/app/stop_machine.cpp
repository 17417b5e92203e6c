#include "daemon/app/stop_machine.hpp"

#include <algorithm>

namespace vibes::app {

void stop_machine::enter(stop_step step, time_point now) noexcept {
  step_ = step;
  step_since_ = now;
}

stop_step stop_machine::advance(const stop_view& seen, time_point now) noexcept {
  switch (step_) {
    case stop_step::reading:
      if (now >= drain_until_) {
        enter(stop_step::cutting, now);
      } else if (seen.producers_read) {
        enter(stop_step::draining, now);
      }
      break;
    case stop_step::draining:
      if (seen.link_stopped) {
        enter(stop_step::closing, now);
      } else if (now >= drain_until_) {
        enter(stop_step::cutting, now);
      } else if (seen.iggy_away && seen.all_on_disk && !seen.nothing_queued) {
        ended_early_ = true;
        enter(stop_step::cutting, now);
      } else if (seen.nothing_queued && now - step_since_ >= limits_.link_close) {
        enter(stop_step::cutting, now);
      }
      break;
    case stop_step::cutting:
      link_hangs_ = !seen.link_stopped && now - step_since_ >= limits_.link_close;
      if (seen.link_stopped || link_hangs_) enter(stop_step::closing, now);
      break;
    case stop_step::closing:
      if (seen.journal_closed || now - step_since_ >= limits_.journal_close) {
        enter(stop_step::done, now);
      }
      break;
    case stop_step::done: break;
  }
  return step_;
}

void stop_machine::skip_drain(time_point now) noexcept {
  drain_until_ = std::min(drain_until_, now);
}

}  // namespace vibes::app
