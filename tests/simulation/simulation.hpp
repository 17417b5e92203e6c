#pragma once

#include "tests/simulation/daemon_process.hpp"
#include "tests/simulation/producer.hpp"

namespace vibes::simulation {

/// What became of a run.
struct run_result {
  std::uint64_t steps = 0;
  std::uint64_t trace = 0;
  std::string broken;  // the promise that did not hold; empty: none
  oracle::totals totals;
};

/// The daemon, its producers, its disk, a server and an operator, on one clock and one network.
/// Everything follows from the seed.
class simulation {
 public:
  explicit simulation(const run_options&);
  ~simulation();

  run_result run();

 private:
  void step();
  bool step_once();
  // simulation_faults.cpp
  void draw_faults();
  void break_disk();
  void break_network();
  void break_server();
  void server_forgets();
  void leaders_move();
  void server_returns_later(std::size_t node);
  void operator_acts();
  void set_clock();
  void end_process();
  void heal();
  // simulation.cpp
  void start_process();
  void process_has_ended(bool power_lost);
  void settle_everything();
  bool is_settled();
  store::journal_state journal();

  run_options options_;
  scheduler on_;
  oracle says_;
  network producers_net_;
  network iggy_net_;
  test::fake_file_system disk_;
  disk_rules disk_times_;
  wall_clock clock_;
  model_server server_;
  std::unique_ptr<daemon_process> process_;
  std::vector<std::unique_ptr<producer>> producers_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  bool healed_ = false;
  bool starting_ = false;
};

run_result run_simulation(const run_options&);

}  // namespace vibes::simulation
