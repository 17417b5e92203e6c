#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <iostream>

#include "tests/simulation/simulation.hpp"
#include "tests/support/seed.hpp"

// The whole daemon but its sockets and threads, where everything fails (README.md).

namespace vibes::simulation {
namespace {

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
  const char* const given = std::getenv(variable);
  return given != nullptr ? std::stoull(given) : otherwise;
}

std::uint64_t steps_of_a_run(std::uint64_t seed) {
  const std::uint64_t sizes[] = {2'000, 10'000, 30'000};
  return number_of("VIBES_SIMULATION_RUN_STEPS", sizes[seed % 3]);
}

/// One line that does exactly the same again.
std::string replay_of(const run_options& run, const run_result& result) {
  return "tests/simulation.sh replay " + std::to_string(run.seed) + " " +
         std::to_string(run.steps) + "  # step " + std::to_string(result.steps) + ": " +
         result.broken + " (" + to_string(run) + ")";
}

run_result run_seed(std::uint64_t seed) {
  run_options run = options_of(seed, steps_of_a_run(seed));
  run.watched = number_of("VIBES_SIMULATION_WATCH", 0);
  run_result result = run_simulation(run);
  if (!result.broken.empty()) FAIL_CHECK(replay_of(run, result));
  return result;
}

TEST_CASE("Nothing that was promised is lost, whatever fails", "[simulation]") {
  const std::uint64_t wanted = number_of("VIBES_SIMULATION_STEPS", 2'000'000);
  oracle::totals all;
  std::uint64_t steps = 0;
  std::uint64_t runs = 0;
  std::uint64_t failures_left = number_of("VIBES_SIMULATION_FAILURES", 1);
  // The same seeds every time; with VIBES_TEST_SEED those from it on.
  const bool is_given = std::getenv("VIBES_TEST_SEED") != nullptr;
  std::uint64_t seed = is_given ? test::random_seed() : 1;
  while (steps < wanted && failures_left > 0) {
    const run_result result = run_seed(seed++);
    steps += result.steps;
    all += result.totals;
    ++runs;
    if (!result.broken.empty()) --failures_left;
  }
  std::cerr << runs << " runs, " << steps << " steps: " << all.events << " events, " << all.stored
            << " stored, " << all.repeated << " repeated, " << all.durable << " durable, "
            << all.committed << " committed, " << all.lost << " lost, " << all.refused
            << " refused, " << all.lives << " lives, " << all.recovered << " recovered\n";
}

TEST_CASE("A seed does the same every time", "[simulation]") {
  for (std::uint64_t i = 0; i < 10; ++i) {
    const run_options run = options_of(test::random_seed() + i, 3'000);
    const run_result first = run_simulation(run);
    const run_result second = run_simulation(run);
    CAPTURE(run.seed);
    CHECK(first.steps == second.steps);
    CHECK(first.trace == second.trace);
  }
}

}  // namespace
}  // namespace vibes::simulation
