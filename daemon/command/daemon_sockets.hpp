#pragma once

#include <boost/json/object.hpp>

#include "config/command_line.hpp"
#include "daemon/command/outcome.hpp"
#include "daemon/command/socket_sender.hpp"

// What the commands share that talk to a running daemon.

namespace vibes::command {

outcome failed(const error_code&, const std::string& doing);

/// To the events' socket.
outcome connect_producer(socket_sender&, const std::string& path);

/// A line of a daemon's answers; nothing when it is no JSON object.
std::optional<boost::json::object> parse_answer(const std::string& line);

/// The admin socket that was named, else that of the settings; nothing after mistakes were printed.
std::optional<std::string> admin_path(const config::config_file_option&, const std::string& named);

/// The error that an answer is, if it is one.
outcome complaint_in(const boost::json::object& answer);

/// One request, one answer. An answer that is an error of the daemon is an outcome as well.
outcome ask_daemon(const std::string& admin_path, const boost::json::object& request,
                   boost::json::object& answer);

}  // namespace vibes::command
