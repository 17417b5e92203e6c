#include "tests/simulation/simulation.hpp"

#include <algorithm>
#include <utility>

namespace vibes::simulation {
namespace {

/// After the last fault everything has to be settled within this time.
constexpr duration settle_max = 300s;
constexpr std::uint64_t settle_steps_max = 1'000'000;

}  // namespace

simulation::simulation(const run_options& options)
    : options_(options),
      on_(options.seed),
      says_(options_, on_),
      producers_net_(on_),
      iggy_net_(on_),
      clock_{on_},
      server_(on_, iggy_net_, options_.server,
              [this](const stored_message& message) { says_.stored(message); }) {
  on_.talk(options_.watched > 0);
  producers_net_.rules.buffer_bytes = 64 << 10;
  server_.behaviour().set.refused_text = poison;
  start_process();
  for (unsigned i = 0; i < options_.producers; ++i) {
    producers_.push_back(std::make_unique<producer>(on_, producers_net_, says_, options_, i));
    producers_.back()->start();
  }
}

simulation::~simulation() = default;

void simulation::start_process() {
  starting_ = false;
  on_.say("a process begins");
  says_.life_begins(iggy_net_.next_serial());
  process_ = std::make_unique<daemon_process>(
      surroundings{on_, producers_net_, iggy_net_, disk_, disk_times_, clock_, says_, options_});
}

/// The next one begins a little later.
void simulation::process_has_ended(bool power_lost) {
  process_.reset();
  if (power_lost) {
    disk_.crash(on_.random());
  } else {
    disk_.process_ends();
  }
  starting_ = true;
  on_.after(on_.between(1ms, 300ms), step_kind::fault, alive_, [this] { start_process(); });
}

bool simulation::step_once() {
  if (!on_.step()) return false;
  if (process_) {
    says_.check(process_->box());
    on_.note(process_->box().queued_events());
    if (process_->has_ended()) process_has_ended(false);
  }
  return true;
}

void simulation::step() {
  if (!step_once()) throw broken_promise("nothing happens any more");
  draw_faults();
}

store::journal_state simulation::journal() {
  return process_->box().journal().health().state();
}

bool simulation::is_settled() {
  if (!process_ || !process_->in_service() || !process_->box().empty()) return false;
  // A journal that opens late brings its backlog.
  if (options_.has_journal && journal() != store::journal_state::healthy) return false;
  return std::ranges::all_of(producers_, [](const auto& each) { return each->is_done(); });
}

/// The liveness phase.
void simulation::settle_everything() {
  healed_ = true;
  heal();
  for (const auto& each : producers_) each->finish();
  const time_point end = on_.now() + settle_max;
  const std::uint64_t steps_end = on_.steps() + settle_steps_max;
  while (!is_settled()) {
    // The clock had been set back, so that numbers met others on the disk: that takes a restart.
    const bool off = process_ && options_.has_journal && journal() == store::journal_state::off;
    if (off && process_->in_service()) process_->begin_stop(1s);
    if (!step_once() || on_.now() > end || on_.steps() > steps_end) {
      std::string state = "not everything is settled in time";
      if (process_) {
        state += ": " + std::to_string(process_->box().queued_events()) + " queued, link " +
                 std::string(link::to_string(process_->link().state)) + ", journal " +
                 std::string(store::to_string(journal()));
        state += ", last error " + process_->link().last_error.message();
      }
      throw broken_promise(state);
    }
  }
  says_.check_all(process_->box());
}

run_result simulation::run() {
  run_result made;
  try {
    while (on_.steps() < options_.steps) step();
    settle_everything();
  } catch (const std::exception& broken) {
    made.broken = broken.what();
  }
  made.steps = on_.steps();
  made.trace = on_.trace();
  made.totals = says_.counted();
  return made;
}

run_result run_simulation(const run_options& options) {
  return simulation(options).run();
}

}  // namespace vibes::simulation
