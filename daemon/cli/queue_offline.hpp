#pragma once

#include <functional>

#include "daemon/cli/daemon_sockets.hpp"

namespace vibes::cli {

/// Whoever answers for a queue: the running daemon, or a directory.
class queue_end {
 public:
  virtual ~queue_end() = default;
  virtual outcome ask(const boost::json::object& request, boost::json::object& answer) = 0;
};

/// Does something with the queue in the directory that `--journal` names, while no daemon uses it.
/// Only `drop` changes the directory. Damage is told on standard error.
outcome with_journal(const config::queue_options&, const std::function<outcome(queue_end&)>& act);

}  // namespace vibes::cli
