#include <boost/json/serialize.hpp>

#include "daemon/admin/status_report.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/complaint.hpp"
#include "daemon/cli/daemon_sockets.hpp"

namespace vibes::cli {

int run_command(const config::status_options& options, command_output& output) {
  const daemon_choice daemon(config::socket_kind::admin, options.admin_socket, options.config,
                             options.verbose);
  boost::json::object status;
  outcome asked = daemon.mistakes();
  if (asked.ok()) asked = ask_daemon(daemon.path(), {{"command", "status"}}, status);
  asked = daemon.explained(std::move(asked));
  if (!asked.ok()) {
    complain("vibes-ingestd status: " + asked.complaint);
    return to_int(asked.code);
  }
  output.write(options.json ? boost::json::serialize(status) + "\n" : admin::human_status(status));
  return to_int(config::exit_code::ok);
}

}  // namespace vibes::cli
