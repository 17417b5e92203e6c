#include <boost/json/serialize.hpp>

#include "daemon/command/commands.hpp"
#include "daemon/command/complaint.hpp"
#include "daemon/command/daemon_sockets.hpp"
#include "daemon/control/status_report.hpp"

namespace vibes::command {

int run_command(const config::status_options& options, command_output& output) {
  const std::optional<std::string> path = admin_path(options.config, options.admin_socket);
  if (!path) return to_int(config::exit_code::bad_configuration);
  boost::json::object status;
  const outcome asked = ask_daemon(*path, {{"command", "status"}}, status);
  if (!asked.ok()) {
    complain("vibes-ingestd status: " + asked.complaint);
    return to_int(asked.code);
  }
  output.write(options.json ? boost::json::serialize(status) + "\n"
                            : control::human_status(status));
  return to_int(config::exit_code::ok);
}

}  // namespace vibes::command
