#include <iostream>

#include "config/command_line.hpp"
#include "daemon/command/commands.hpp"

namespace {

struct dispatcher {
  int operator()(const vibes::config::exit_now& now) const {
    std::cout << now.out;
    std::cerr << now.err;
    return now.code;
  }
  template <class Options>
  int operator()(const Options& options) const {
    return vibes::command::run_command(options);
  }
};

}  // namespace

int main(int argc, char** argv) {
  return std::visit(dispatcher{}, vibes::config::parse_command_line(argc, argv));
}
