// The moving parts of the benchmark: producers, a plain relay to compare with, and a sink behind
// it. It reports; it never fails for being slow. bench.py puts the parts together.

#include <CLI/CLI.hpp>
#include <iostream>

#include "tests/bench/load.hpp"
#include "tests/bench/relay.hpp"

int main(int argc, char** argv) {
  using namespace vibes::bench;
  CLI::App app("parts of the benchmark of vibes-ingestd");
  app.require_subcommand(1);

  load_options load;
  CLI::App* const load_app = app.add_subcommand("load", "producers on a Unix socket");
  load_app->add_option("--socket", load.socket)->required();
  load_app->add_option("--producers", load.producers)->capture_default_str();
  load_app->add_option("--sessions", load.sessions)->capture_default_str();
  load_app->add_option("--event-bytes", load.event_bytes)->capture_default_str();
  load_app->add_option("--seconds", load.seconds)->capture_default_str();
  load_app->add_option("--window", load.window, "unacknowledged events of one producer")
      ->capture_default_str();
  load_app->add_option("--rate", load.rate, "events a second of all; 0: as fast as it goes")
      ->capture_default_str();
  load_app->add_option("--ack", load.ack, "committed, durable, received or none")
      ->capture_default_str();

  std::string relay_socket;
  std::string relay_target;
  CLI::App* const relay_app = app.add_subcommand("relay", "bytes from a Unix socket to TCP");
  relay_app->add_option("--socket", relay_socket)->required();
  relay_app->add_option("--target", relay_target, "port on 127.0.0.1")->required();

  unsigned short sink_port = 0;
  CLI::App* const sink_app = app.add_subcommand("sink", "reads TCP until its input ends");
  sink_app->add_option("--port", sink_port)->required();

  CLI11_PARSE(app, argc, argv);
  if (*load_app) return run_load(load, std::cout);
  if (*relay_app)
    return run_relay(relay_socket, static_cast<unsigned short>(std::stoul(relay_target)));
  return run_sink(sink_port, std::cout);
}
