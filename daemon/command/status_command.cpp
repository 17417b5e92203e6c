#include <boost/json/parse.hpp>
#include <iostream>

#include "config/exit_code.hpp"
#include "daemon/command/commands.hpp"
#include "daemon/command/socket_sender.hpp"
#include "daemon/control/status_report.hpp"

namespace vibes::command {
namespace {

constexpr auto status_deadline = std::chrono::seconds(2);

result<std::string> ask_status(const std::string& path) {
  socket_sender to(std::chrono::steady_clock::now() + status_deadline);
  if (const error_code error = to.connect(path)) return error;
  if (const error_code error = to.write_all("{\"command\":\"status\"}\n")) return error;
  return to.read_line();
}

}  // namespace

int run_command(const config::status_options& options) {
  std::string path = options.admin_socket;
  if (path.empty()) {
    const std::optional<config::settings> settings = load_settings(options.config);
    if (!settings) return to_int(config::exit_code::bad_configuration);
    path = settings->admin.socket;
  }
  const result<std::string> answer = ask_status(path);
  boost::json::error_code error;
  boost::json::value status;
  if (answer) status = boost::json::parse({answer->data(), answer->size()}, error);
  if (!answer || error || !status.is_object()) {
    const bool forbidden = !answer && answer.error() == boost::system::errc::permission_denied;
    std::cerr << "vibes-ingestd status: no answer at " << path << " ("
              << (answer ? "not a status" : answer.error().message()) << "): "
              << (forbidden ? "ask as the daemon's user, or root" : "is the daemon running?")
              << "\n";
    return to_int(forbidden ? config::exit_code::not_permitted : config::exit_code::unavailable);
  }
  std::cout << (options.json ? *answer + "\n" : control::human_status(status.get_object()));
  return to_int(config::exit_code::ok);
}

}  // namespace vibes::command
