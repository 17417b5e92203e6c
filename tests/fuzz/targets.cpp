#include "tests/fuzz/target.hpp"

namespace vibes::test {

std::span<const fuzz_target> fuzz_targets() {
  using protocol::generation;
  static constexpr fuzz_target all[] = {
      {"replies_0_4", run_replies<generation::classic_0_4>, reply_seeds<generation::classic_0_4>},
      {"replies_0_5", run_replies<generation::classic_0_5>, reply_seeds<generation::classic_0_5>},
      {"replies_0_6", run_replies<generation::classic_0_6>, reply_seeds<generation::classic_0_6>},
      {"replies_0_7", run_replies<generation::classic_0_7>, reply_seeds<generation::classic_0_7>},
      {"replies_0_9", run_replies<generation::vsr_0_11>, reply_seeds<generation::vsr_0_11>},
      {"replies_0_10", run_replies<generation::vsr_0_12>, reply_seeds<generation::vsr_0_12>},
      {"handshake", run_handshake, handshake_seeds},
      {"probe", run_probe, probe_seeds},
      {"lines", run_lines, line_seeds},
      {"events", run_events, event_seeds},
      {"recovery", run_recovery, recovery_seeds},
  };
  return all;
}

}  // namespace vibes::test
