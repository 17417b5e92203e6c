#include <unistd.h>

#include <csignal>

#include "config/command_line.hpp"
#include "config/exit_code.hpp"
#include "daemon/cli/command_output.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/complaint.hpp"
#include "daemon/cli/guarded.hpp"
#include "daemon/io/process/process_setup.hpp"

namespace {

using vibes::cli::command_output;

struct dispatcher {
  command_output& output;

  int operator()(const vibes::config::exit_now& now) const {
    output.write(now.out);
    if (!now.err.empty()) {
      vibes::cli::complain(now.err);
      vibes::cli::complain("Run with --help for more information.");
    }
    return now.code;
  }
  template <class Options>
  int operator()(const Options& options) const {
    return vibes::cli::run_command(options, output);
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (!vibes::io::open_standard_streams()) return to_int(vibes::config::exit_code::failed);
  // A reader that goes is an error of writing, whatever the caller has made of SIGPIPE.
  std::signal(SIGPIPE, SIG_IGN);
  command_output output(STDOUT_FILENO);
  const int code = vibes::cli::guarded([&] {
    return std::visit(dispatcher{output}, vibes::config::parse_command_line(argc, argv));
  });
  const int whole = exit_code_after(output, code);
  return vibes::config::failure_is_quiet(argc, argv) ? 0 : whole;
}
