// vibes-demo-broker: speaks like an Iggy server of 0.4 to 0.10, and forgets everything when it
// ends.

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <charconv>
#include <iostream>
#include <sstream>

#include "tests/broker/control_socket.hpp"
#include "tests/broker/dialect.hpp"
#include "tests/broker/server.hpp"

namespace {

using namespace vibes::broker;

struct command_line {
  broker_options broker;
  std::string listen = "127.0.0.1:8090";
  std::string control;
  std::string protocol;
};

std::uint16_t port_of(const std::string& address) {
  const std::string host = "127.0.0.1:";
  std::uint16_t port = 0;
  const char* const end = address.data() + address.size();
  if (!address.starts_with(host) ||
      std::from_chars(address.data() + host.size(), end, port).ptr != end) {
    throw CLI::ValidationError("--listen", "is 127.0.0.1:PORT: this broker keeps to the machine");
  }
  return port;
}

/// "0.13.0", packed as on the wire.
std::uint32_t packed_version(const std::string& text) {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint32_t patch = 0;
  char dots[2] = {};
  std::istringstream from(text);
  from >> major >> dots[0] >> minor >> dots[1] >> patch;
  const bool whole = !from.fail() && from.peek() == std::istringstream::traits_type::eof();
  if (!whole || dots[0] != '.' || dots[1] != '.' || minor > 1023 || patch > 1023)
    throw CLI::ValidationError("--protocol-version", "is MAJOR.MINOR.PATCH");
  return (major << 20) | (minor << 10) | patch;
}

int serve(command_line told) {
  const bool clusters =
      told.broker.speaks == generation::iggy_0_9 || told.broker.speaks == generation::iggy_0_10;
  if (told.broker.nodes != 1 && !clusters)
    throw CLI::ValidationError("--nodes", "is for the generations 0.9 and 0.10");
  if (!told.protocol.empty()) told.broker.protocol = packed_version(told.protocol);
  boost::asio::io_context loop(1);
  server broker(loop, told.broker);
  const auto failure = broker.listen(port_of(told.listen));
  if (failure) {
    std::cerr << "vibes-demo-broker: cannot listen on " << told.listen << ": " << failure.message()
              << "\n";
    return 1;
  }
  std::optional<control_socket> control;
  if (!told.control.empty()) control.emplace(broker, told.control);
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { loop.stop(); });
  std::cout << "vibes-demo-broker for demonstration and tests, nothing is kept on disk; speaks "
            << broker.state().wire().version() << ", listening on 127.0.0.1:" << broker.port()
            << std::endl;
  for (std::size_t node = 1; node < broker.nodes(); ++node)
    std::cout << "node " << node << " is listening on 127.0.0.1:" << broker.state().ports()[node]
              << std::endl;
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  command_line told;
  CLI::App app("An in-memory broker that speaks as Iggy does, for demonstration and tests only.");
  const std::map<std::string, generation> generations{
      {"0.4", generation::iggy_0_4},  {"0.5", generation::iggy_0_5}, {"0.6", generation::iggy_0_6},
      {"0.7", generation::iggy_0_7},  {"0.8", generation::iggy_0_8}, {"0.9", generation::iggy_0_9},
      {"0.10", generation::iggy_0_10}};
  app.add_option("--listen", told.listen, "127.0.0.1:PORT; port 0 takes a free one")
      ->capture_default_str();
  app.add_option("--generation", told.broker.speaks, "0.4 to 0.10")
      ->transform(CLI::Transformer(generations));
  app.add_option("--nodes", told.broker.nodes, "of a cluster; 0.9 and 0.10 only")
      ->check(CLI::Range(1, 32))
      ->capture_default_str();
  app.add_option("--protocol-version", told.protocol,
                 "accepted instead of the generation's own; 0.9 and 0.10 only");
  app.add_option("--username", told.broker.username)->capture_default_str();
  app.add_option("--password", told.broker.password)->capture_default_str();
  app.add_option("--token", told.broker.token, "a personal access token that may log in");
  app.add_flag("--deduplicate", told.broker.deduplicate, "drop messages whose id was there");
  app.add_option("--memory-max-bytes", told.broker.memory_bytes_max)->capture_default_str();
  app.add_option("--control", told.control, "Unix socket for commands that make it misbehave");
  try {
    app.parse(argc, argv);
    return serve(told);
  } catch (const CLI::Error& wrong) {
    return app.exit(wrong);
  } catch (const std::exception& failed) {
    std::cerr << "vibes-demo-broker: " << failed.what() << "\n";
    return 1;
  }
}
