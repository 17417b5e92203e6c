#include "tests/simulation/scheduler.hpp"

#include <algorithm>
#include <iostream>
#include <utility>

namespace vibes::simulation {

void scheduler::at(time_point when, step_kind kind, owner of, action what) {
  events_.push_back({std::max(when, now_), ++order_, kind, std::move(of), std::move(what)});
  std::ranges::push_heap(events_, later);
}

bool scheduler::step() {
  while (!events_.empty()) {
    std::ranges::pop_heap(events_, later);
    event next = std::move(events_.back());
    events_.pop_back();
    const std::shared_ptr<void> alive = next.of.lock();
    if (!alive) continue;
    now_ = next.at;
    ++steps_;
    note(static_cast<std::uint64_t>(next.kind));
    note(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    next.what();
    return true;
  }
  return false;
}

void scheduler::note(std::uint64_t fact) noexcept {
  trace_ = (trace_ ^ fact) * 0xff51afd7ed558ccd;
  trace_ ^= trace_ >> 32;
}

void scheduler::say(const std::string& what) const {
  if (!talks_) return;
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now_.time_since_epoch());
  std::cerr << steps_ << " " << static_cast<double>(us.count()) / 1e6 << " s: " << what << "\n";
}

void timer::set(time_point when) {
  wanted_ = when;
  if (wanted_ < armed_) {
    // An event that is armed for later finds that it is not the one.
    alive_ = std::make_shared<int>();
    arm();
  }
}

void timer::arm() {
  armed_ = wanted_;
  if (armed_ == time_point::max()) return;
  scheduler_.at(armed_, kind_, alive_, [this] {
    const bool due = wanted_ <= scheduler_.now();
    armed_ = time_point::max();
    if (!due) return set(wanted_);
    wanted_ = time_point::max();
    wake_();
  });
}

}  // namespace vibes::simulation
