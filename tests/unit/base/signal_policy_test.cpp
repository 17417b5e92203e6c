#include "daemon/base/signal_policy.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace vibes::test {
namespace {

constexpr signal_surroundings started_by_systemd{true, false, false};
constexpr signal_surroundings on_a_terminal{false, true, false};
constexpr signal_surroundings all_surroundings[] = {
    {false, false, false}, {false, false, true}, {false, true, false}, {false, true, true},
    {true, false, false},  {true, false, true},  {true, true, false},  {true, true, true},
};

TEST_CASE("Whoever asks for the end gets a stop, and asked again one without a drain",
          "[signal_policy]") {
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT}) {
    for (const signal_surroundings& each : all_surroundings) {
      CAPTURE(signal);
      CHECK(reaction_to(signal, each, false) == signal_reaction::begin_stop);
      CHECK(reaction_to(signal, each, true) == signal_reaction::skip_drain);
    }
  }
}

TEST_CASE("The limit of processor time begins a stop, and its repetitions do not cut it short",
          "[signal_policy]") {
  CHECK(reaction_to(SIGXCPU, started_by_systemd, false) == signal_reaction::begin_stop);
  CHECK(reaction_to(SIGXCPU, started_by_systemd, true) == signal_reaction::none);
}

TEST_CASE("A hangup ends the daemon only when the terminal of its log is going",
          "[signal_policy]") {
  for (const signal_surroundings& each : all_surroundings) {
    const bool ends = each.terminal && !each.service_manager && !each.hangup_ignored;
    CAPTURE(each.terminal, each.service_manager, each.hangup_ignored);
    CHECK(reaction_to(SIGHUP, each, false) ==
          (ends ? signal_reaction::begin_stop : signal_reaction::say_ignored));
  }
  CHECK(reaction_to(SIGHUP, on_a_terminal, true) == signal_reaction::none);
  CHECK(reaction_to(SIGHUP, started_by_systemd, true) == signal_reaction::say_ignored);
}

TEST_CASE("No signal is both handled and ignored, and each handled one has a name",
          "[signal_policy]") {
  for (const int each : handled_signals) {
    for (const int other : ignored_signals) CHECK(each != other);
    CHECK(std::string(signal_name(each)).starts_with("SIG"));
    CHECK(reaction_to(each, started_by_systemd, false) != signal_reaction::none);
  }
  for (const int each : ignored_signals) {
    CHECK(reaction_to(each, started_by_systemd, false) == signal_reaction::none);
  }
}

}  // namespace
}  // namespace vibes::test
