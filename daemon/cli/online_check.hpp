#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "config/exit_code.hpp"
#include "config/settings.hpp"

namespace vibes::cli {

/// What Iggy says to the daemon's login.
struct online_answer {
  config::exit_code code = config::exit_code::ok;
  std::string text;  // one line: what is there, or why not
  std::string address;
  std::string generation;                 // empty: not found out
  std::string server_version;             // empty: the server would not say
  std::optional<std::size_t> partitions;  // nothing: there is no such topic (yet)
};

/// Connects to the addresses in turn, logs in, and looks at stream and topic; creates nothing. The
/// answer is that of the first that lets us in, else of the first that refuses, else of the first.
/// A topic that is missing is no failure when the daemon would create it.
online_answer ask_iggy(const config::settings&);

boost::json::object object_of(const online_answer&);

}  // namespace vibes::cli
