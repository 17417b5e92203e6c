#include "daemon/store/batch_recorder.hpp"

#include <algorithm>
#include <utility>

namespace vibes::store {

bool has_recorded_events(const batch& of) noexcept {
  return std::ranges::all_of(of.entries, &entry::was_recorded);
}

std::size_t batch_recorder::job_ends(bool written) {
  const std::size_t recorded = written ? out_.size() : 0;
  for (batch& each : out_) {
    if (written) each.recorded = batch_recorded::yes;
    ready_.push_back(std::move(each));
  }
  out_.clear();
  return recorded;
}

void batch_recorder::stop_waiting() {
  for (batch& each : waiting_) ready_.push_back(std::move(each));
  waiting_.clear();
}

std::optional<batch> batch_recorder::take_ready(const lane_choice& lanes) {
  const auto found =
      std::ranges::find_if(ready_, [&](const batch& each) { return lanes.has(each.lane); });
  if (found == ready_.end()) return std::nullopt;
  std::optional<batch> taken = std::move(*found);
  ready_.erase(found);
  return taken;
}

void batch_recorder::put_back_all(replay_queue& queue) {
  for (std::vector<batch>* each : {&waiting_, &out_, &ready_}) {
    for (batch& back : *each) queue.put_back(std::move(back));
    each->clear();
  }
}

}  // namespace vibes::store
