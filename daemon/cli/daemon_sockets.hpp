#pragma once

#include <boost/json/object.hpp>

#include "config/command_line.hpp"
#include "config/places.hpp"
#include "daemon/cli/outcome.hpp"
#include "daemon/cli/socket_sender.hpp"

// What the commands share that talk to a running daemon.

namespace vibes::cli {

outcome failed(const error_code&, const std::string& doing);

/// To the events' socket.
outcome connect_producer(socket_sender&, const std::string& path);

/// A line of a daemon's answers; nothing when it is no JSON object.
std::optional<boost::json::object> parse_answer(const std::string& line);

/// The socket of the daemon to ask, looked for in the order of config/places.hpp.
class daemon_choice {
 public:
  /// `verbose` says on standard error which it is.
  daemon_choice(config::socket_kind, const std::string& named, const config::config_file_option&,
                bool verbose);

  /// What is wrong with where to look; nothing when there is a path.
  outcome mistakes() const;
  const std::string& path() const noexcept { return chosen_.path; }
  /// An outcome, and after a failure which daemon was asked.
  outcome explained(outcome ended) const;

 private:
  config::socket_choice chosen_;
};

/// The error that an answer is, if it is one.
outcome complaint_in(const boost::json::object& answer);

/// One request, one answer. An answer that is an error of the daemon is an outcome as well.
outcome ask_daemon(const std::string& admin_path, const boost::json::object& request,
                   boost::json::object& answer);

}  // namespace vibes::cli
