#pragma once

#include <string>

#include "daemon/link/link_machine.hpp"
#include "daemon/store/outbox.hpp"
#include "tests/broker/broker.hpp"

namespace vibes::simulation {

/// How often each kind of trouble comes: once in about so many steps; 0: never.
struct fault_rates {
  std::uint64_t disk = 0;
  std::uint64_t network = 0;
  std::uint64_t server = 0;
  std::uint64_t operator_ = 0;
  std::uint64_t clock = 0;
  std::uint64_t ends = 0;  // kill, power loss, and stops in order
};

/// What the contract depends on beside the generation: kinds of trouble that a run may have.
struct allowed_faults {
  bool power_loss = false;
  bool unreadable_disk = false;  // what was promised may be damaged
  bool server_forgets = false;   // messages, sessions or producers
  bool partitions_change = false;
  bool generation_changes = false;
  bool refuses_events = false;
  bool drops = false;  // an operator takes events out
};

/// Everything about a run that is fixed before it begins; drawn from its seed.
struct run_options {
  std::uint64_t seed = 0;
  std::uint64_t steps = 0;    // with faults; the liveness phase comes behind them
  std::uint64_t watched = 0;  // an event whose life is told on standard error; 0: none
  broker::broker_options server;
  bool generation_set = false;  // in the settings, not found out
  std::uint32_t partitions = 1;
  std::size_t producers = 1;
  std::size_t filler_max = 100;  // bytes of an event
  std::size_t line_bytes_max = 4'096;
  bool has_journal = true;
  store::outbox_limits outbox;
  link::link_settings link;
  duration drain{};
  fault_rates rates;
  allowed_faults may;
};

run_options options_of(std::uint64_t seed, std::uint64_t steps);
/// One line for people.
std::string to_string(const run_options&);

/// The enumerator of the protocol for a model server's generation.
protocol::generation generation_of(broker::generation);

}  // namespace vibes::simulation
