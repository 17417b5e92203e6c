#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/network/broker_fixture.hpp"
#include "tests/network/daemon_process.hpp"

namespace vibes::test {

/// What the daemon and the broker of a network are set to, and what follows for repetitions.
struct network_kind {
  std::string_view name;
  broker::generation speaks;
  bool deduplicate = false;
  bool producer_identity = true;
  std::size_t requests_in_flight_max = 4;

  bool checks_requests() const {
    return speaks == broker::generation::iggy_0_9 || speaks == broker::generation::iggy_0_10;
  }
  /// Nothing is stored twice here, whatever becomes of replies, as long as they are not changed:
  /// one about the topic can then lead the daemon to another partition, and each partition knows
  /// its own repetitions only.
  bool exactly_once() const {
    return deduplicate || (speaks == broker::generation::iggy_0_10 && producer_identity);
  }
};

/// The kind that the schedule of this seed is for.
const network_kind& kind_of(std::uint64_t seed);
std::size_t kinds();

struct run_result {
  std::vector<std::string> findings;  // nothing when all is well
  std::chrono::milliseconds resumed_after{};
};

/// A daemon with a broker behind the fault proxy, for one schedule after another.
class network {
 public:
  explicit network(const network_kind&);

  /// Producing goes on before, during and after the schedule's faults. Then it ends, and what has
  /// been written is looked up in the broker.
  run_result run(std::uint64_t seed);
  /// Everything of all schedules once more, the daemon's own counters, and a clean stop.
  std::vector<std::string> finish();

  std::string log() const { return daemon_.log(); }

 private:
  std::vector<std::string> findings_in_the_store();

  const network_kind& kind_;
  broker_fixture fixture_;
  daemon_process daemon_;
  delivery_oracle oracle_;
  std::set<std::string> may_repeat_;  // sessions
  std::uint64_t written_ = 0;
};

std::vector<faults::fault> schedule_of(std::uint64_t seed);

}  // namespace vibes::test
