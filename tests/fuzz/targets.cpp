#include "tests/fuzz/target.hpp"

namespace vibes::test {

std::span<const fuzz_target> fuzz_targets() {
  using protocol::generation;
  static constexpr fuzz_target all[] = {
      {"replies_0_4", run_replies<generation::iggy_0_4>, reply_seeds<generation::iggy_0_4>},
      {"replies_0_5", run_replies<generation::iggy_0_5>, reply_seeds<generation::iggy_0_5>},
      {"replies_0_6", run_replies<generation::iggy_0_6>, reply_seeds<generation::iggy_0_6>},
      {"replies_0_7", run_replies<generation::iggy_0_7>, reply_seeds<generation::iggy_0_7>},
      {"replies_0_9", run_replies<generation::iggy_0_9>, reply_seeds<generation::iggy_0_9>},
      {"replies_0_10", run_replies<generation::iggy_0_10>, reply_seeds<generation::iggy_0_10>},
      {"handshake", run_handshake, handshake_seeds},
      {"probe", run_probe, probe_seeds},
      {"lines", run_lines, line_seeds},
      {"events", run_events, event_seeds},
      {"recovery", run_recovery, recovery_seeds},
  };
  return all;
}

}  // namespace vibes::test
