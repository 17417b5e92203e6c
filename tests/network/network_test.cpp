#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>

#include "tests/network/schedule_run.hpp"
#include "tests/support/seed.hpp"

// Nothing is lost and nothing disordered whatever the network does for a while. What a schedule
// does follows from its seed alone, and so does the kind of broker that it is for.

namespace vibes::test {
namespace {

/// Schedules that have found something; they are run first.
const std::vector<std::uint64_t> regression_seeds = {
    917909853438003,  // 0.10: the server took request numbers for used that were not
    271407042789491,  // 0.10: a metadata position that was told wrong was sent for ever
};

constexpr std::uint64_t schedules_in_a_run = 200;

/// VIBES_TEST_SEED alone runs one schedule, with VIBES_NETWORK_SCHEDULES as many from it on.
std::vector<std::uint64_t> seeds_to_run() {
  const bool given = std::getenv("VIBES_TEST_SEED") != nullptr;
  const char* const wanted = std::getenv("VIBES_NETWORK_SCHEDULES");
  const std::uint64_t count = wanted != nullptr ? std::stoull(wanted)
                              : given           ? 1
                                                : schedules_in_a_run;
  std::vector<std::uint64_t> seeds;
  if (!given) seeds = regression_seeds;
  for (std::uint64_t i = 0; i < count; ++i) seeds.push_back(random_seed() + i);
  return seeds;
}

struct report {
  std::mutex lock;
  std::vector<std::string> failures;
  std::vector<std::int64_t> resumed_ms;

  void fail(const std::string& of, const std::vector<std::string>& findings) {
    if (findings.empty()) return;
    const std::lock_guard held(lock);
    std::string text = of + ":";
    for (const std::string& each : findings) text += "\n  " + each;
    failures.push_back(text);
  }
};

std::string name_of(std::uint64_t seed) {
  return "VIBES_TEST_SEED=" + std::to_string(seed) + " (" + std::string(kind_of(seed).name) + ": " +
         faults::to_string(schedule_of(seed)) + ")";
}

/// What the daemon said last.
std::string end_of(const std::string& log) {
  constexpr std::size_t most = 4'000;
  return "the daemon's log ends with\n" + log.substr(log.size() > most ? log.size() - most : 0);
}

/// All schedules of one kind, on one daemon and broker; a new pair after one that has failed.
void run_kind(const network_kind& kind, const std::vector<std::uint64_t>& seeds, report& to) {
  std::optional<network> on;
  for (const std::uint64_t seed : seeds) {
    try {
      if (!on) on.emplace(kind);
      run_result result = on->run(seed);
      {
        const std::lock_guard held(to.lock);
        to.resumed_ms.push_back(result.resumed_after.count());
      }
      if (!result.findings.empty()) result.findings.push_back(end_of(on->log()));
      to.fail(name_of(seed), result.findings);
      if (!result.findings.empty()) on.reset();
    } catch (const std::exception& failed) {
      to.fail(name_of(seed), {failed.what(), on ? end_of(on->log()) : "no daemon"});
      on.reset();
    }
  }
  if (on) to.fail("at the end of " + std::string(kind.name), on->finish());
}

TEST_CASE("Nothing is lost or disordered in a network with faults", "[network]") {
  std::map<const network_kind*, std::vector<std::uint64_t>> by_kind;
  for (const std::uint64_t seed : seeds_to_run()) by_kind[&kind_of(seed)].push_back(seed);
  report told;
  std::vector<std::thread> threads;
  for (const auto& [kind, seeds] : by_kind)
    threads.emplace_back([&kind = *kind, &seeds = seeds, &told] { run_kind(kind, seeds, told); });
  for (std::thread& each : threads) each.join();

  std::ranges::sort(told.resumed_ms);
  if (!told.resumed_ms.empty())
    std::cerr << told.resumed_ms.size() << " schedules; delivery resumed after "
              << told.resumed_ms[told.resumed_ms.size() / 2] << " ms (median), "
              << told.resumed_ms.back() << " ms (longest)\n";
  for (const std::string& each : told.failures) UNSCOPED_INFO(each);
  CHECK(told.failures.empty());
}

}  // namespace
}  // namespace vibes::test
