#pragma once

#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/base/time.hpp"

namespace vibes::simulation {

using namespace std::chrono_literals;

/// A promise of the daemon did not hold.
struct broken_promise : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Which part of the world a step belongs to; a part of the trace.
enum class step_kind : std::uint8_t {
  clock,
  network,
  server,
  disk,
  producer,
  daemon,
  operator_,
  fault,
};

/// The one clock of a simulation, what is to happen when, and the one source of chance. A step is
/// one event that is due and whose owner still lives. Two runs of one seed have the same trace.
class scheduler {
 public:
  using action = std::function<void()>;
  /// Lives as long as whoever an event is for: events of the dead are no steps.
  using owner = std::weak_ptr<void>;

  explicit scheduler(std::uint64_t seed) : random_(seed) {}

  time_point now() const noexcept { return now_; }
  std::uint64_t steps() const noexcept { return steps_; }
  std::uint64_t trace() const noexcept { return trace_; }

  void at(time_point, step_kind, owner, action);
  void after(duration wait, step_kind kind, owner of, action what) {
    at(now_ + wait, kind, std::move(of), std::move(what));
  }
  /// Does the next step. False when nothing is left to happen.
  bool step();

  /// Makes a fact part of the trace.
  void note(std::uint64_t fact) noexcept;
  /// For people who replay a run.
  void talk(bool loudly) noexcept { talks_ = loudly; }
  void say(const std::string& what) const;

  // Chance.
  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }
  std::uint64_t between(std::uint64_t least, std::uint64_t most) {
    return least + below(most - least + 1);
  }
  duration between(duration least, duration most) {
    return least + duration(below(static_cast<std::uint64_t>((most - least).count()) + 1));
  }
  std::mt19937_64& random() noexcept { return random_; }

 private:
  struct event {
    time_point at;
    std::uint64_t order = 0;
    step_kind kind = step_kind::clock;
    owner of;
    action what;
  };
  static bool later(const event& a, const event& b) noexcept {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }

  std::mt19937_64 random_;
  time_point now_{std::chrono::hours(1)};
  std::uint64_t steps_ = 0;
  std::uint64_t order_ = 0;
  std::uint64_t trace_ = 0x9e3779b97f4a7c15;
  bool talks_ = false;
  std::vector<event> events_;  // a heap, the next one first
};

/// Wakes its owner at the time that was set last.
class timer {
 public:
  timer(scheduler& of, step_kind kind, scheduler::action wake)
      : scheduler_(of), kind_(kind), wake_(std::move(wake)) {}

  void set(time_point);
  void cancel() noexcept { wanted_ = time_point::max(); }

 private:
  void arm();

  scheduler& scheduler_;
  step_kind kind_;
  scheduler::action wake_;
  time_point wanted_ = time_point::max();
  time_point armed_ = time_point::max();
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace vibes::simulation
