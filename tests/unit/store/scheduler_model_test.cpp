#include <cerrno>

#include <catch2/catch.hpp>

#include "tests/support/seed.hpp"
#include "tests/unit/store/scheduler_operator.hpp"

namespace vibes::test {
namespace {

using level = scheduler_simulation::level;
using answer = scheduler_simulation::answer;

/// One random life after another. With `faults` the disk fails now and then.
class random_run {
 public:
  random_run(std::uint64_t seed, bool faults)
      : random_(seed), faults_(faults), loses_power_(below(3) > 0), simulation_(rules()) {
    simulation_.start();
  }

  void steps(int count) {
    for (int i = 0; i < count; ++i) {
      step();
      if (simulation_.box) simulation_.check();
    }
    simulation_.drain();
    simulation_.check_promises();
  }

  scheduler_simulation& simulation() { return simulation_; }

 private:
  std::uint64_t below(std::uint64_t end) { return random_() % end; }

  simulation_rules rules() {
    simulation_rules made;
    made.policy = static_cast<store::overflow_policy>(below(3));
    made.queue.events_max = 4 + below(30);
    if (below(2) == 0) made.generation = protocol::generation::iggy_0_10;
    if (faults_ && below(3) == 0) made.journal.sync = static_cast<journal::sync_policy>(below(3));
    if (!faults_) {
      made.generation = protocol::generation::iggy_0_10;
      made.journal = {4 << 20, 16 << 10, 64 << 10};  // never full: batches find room
    }
    return made;
  }

  void step() {
    const std::uint64_t kind = below(1'000);
    if (kind < 400) {
      simulation_.offer(static_cast<unsigned>(below(6)), static_cast<level>(below(4)), below(200));
    } else if (kind < 600) {
      if (simulation_.job_is_out()) {
        simulation_.do_job();
      } else {
        simulation_.take_job();
      }
    } else if (kind < 700) {
      simulation_.pass(std::chrono::milliseconds(below(200)));
    } else if (kind < 985) {
      link_step();
    } else if (kind < 991) {
      operator_step();
    } else if (kind < 996) {
      if (faults_) break_something();
    } else if (below(8) == 0) {
      end_and_begin();
    }
  }

  void link_step() {
    if (!simulation_.link_is_up()) {
      if (below(8) == 0) simulation_.link_up();
      return;
    }
    const std::uint64_t kind = below(100);
    if (kind < 2) {
      simulation_.link_down();
    } else if (kind < 50) {
      simulation_.send();
    } else if (simulation_.sends() > 0) {
      const std::uint64_t what = below(20);
      simulation_.answer_with(what < 17    ? answer::stored
                              : what == 17 ? answer::not_stored
                              : what == 18 ? answer::stored_but_lost
                                           : answer::refused,
                              random_);
    }
  }

  void operator_step() {
    if (below(4) == 0) {
      const store::sequence_number last = simulation_.box->queue().last_number();
      simulation_.drop(last - std::min(last, below(50)), below(5));
    } else {
      const scheduler_operator::listing seen = scheduler_operator(simulation_).list(1 + below(20));
      if (!faults_)
        promise(seen.events == simulation_.box->queued_events(), "a list shows all there is");
    }
  }

  void break_something() {
    using call = fake_file_system::call;
    switch (below(4)) {
      case 0: simulation_.disk.fail_call(call::write, below(5), EIO); break;
      case 1: simulation_.disk.fail_call(call::sync, below(5), EIO); break;
      case 2: simulation_.disk.set_capacity(simulation_.disk.total_bytes() + below(4'000)); break;
      case 3: simulation_.disk.set_capacity(~std::uint64_t{0}); break;
    }
  }

  void stop_in_mid_send() {
    for (int i = 0; i < 4 && simulation_.link_is_up(); ++i) simulation_.send();
    while (simulation_.sends() > 0 && below(4) > 0) {
      simulation_.answer_with(answer::stored_but_lost, random_);
    }
    simulation_.stop();
  }

  void end_and_begin() {
    switch (below(loses_power_ ? 8 : 4)) {
      case 0:
      case 1: stop_in_mid_send(); break;
      case 2: simulation_.kill(); break;
      case 3: simulation_.kill_in_job(below(8)); break;
      default: simulation_.lose_power(random_); break;
    }
    if (!faults_ || below(4) != 0) simulation_.disk.no_faults();
    if (faults_ && below(4) == 0) {
      simulation_.rules.generation = simulation_.rules.generation == protocol::generation::iggy_0_7
                                         ? protocol::generation::iggy_0_10
                                         : protocol::generation::iggy_0_7;
    }
    // A disk that is not there at once.
    const bool is_late = faults_ && below(10) == 0;
    if (is_late) simulation_.disk.fail_call(fake_file_system::call::any, below(3), EIO);
    simulation_.start();
    if (is_late && below(2) == 0) simulation_.disk.no_faults();
    if (below(3) == 0) {
      simulation_.drain();
      simulation_.check_promises();
    }
  }

  std::mt19937_64 random_;
  bool faults_;
  bool loses_power_;
  scheduler_simulation simulation_;
};

}  // namespace

TEST_CASE("Nothing durable is lost, whatever happens to disk, link and daemon", "[scheduler]") {
  const std::uint64_t seed = random_seed();
  scheduler_simulation::happenings all;
  for (std::uint64_t run = 0; run < 100; ++run) {
    CAPTURE(seed, run);
    random_run each(seed * 1'000 + run, true);
    each.steps(10'000);
    const scheduler_simulation::happenings met = each.simulation().happened();
    all.recovered += met.recovered;
    all.spilled += met.spilled;
    all.read_back += met.read_back;
    all.recorded_batches += met.recorded_batches;
    all.failures += met.failures;
    all.late_starts += met.late_starts;
    all.promises += met.promises;
    all.dropped += met.dropped;
    all.damaged += met.damaged;
    all.operator_drops += met.operator_drops;
    all.left_on_disk += met.left_on_disk;
    all.left_sent += met.left_sent;
  }
  CHECK(all.recovered > 1'000);
  CHECK(all.spilled > 1'000);
  CHECK(all.read_back > 1'000);
  CHECK(all.recorded_batches > 1'000);
  CHECK(all.failures > 100);
  CHECK(all.late_starts > 10);
  CHECK(all.promises > 10'000);
  CHECK(all.dropped > 100);
  CHECK(all.operator_drops > 100);
  CHECK(all.left_on_disk > 100);
  CHECK(all.left_sent > 10);
}

TEST_CASE("In 0.10 nothing is stored twice as long as the disk works", "[scheduler]") {
  const std::uint64_t seed = random_seed();
  std::uint64_t recognised = 0;
  for (std::uint64_t run = 0; run < 30; ++run) {
    CAPTURE(seed, run);
    random_run each(seed * 1'000 + run, false);
    each.steps(10'000);
    CHECK(each.simulation().stored_twice == 0);
    recognised += each.simulation().recognised;
  }
  CHECK(recognised > 0);
}

}  // namespace vibes::test
