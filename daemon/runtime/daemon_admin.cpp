#include <unistd.h>

#include <utility>

#include "daemon/runtime/daemon.hpp"
#include "daemon/runtime/log_sink.hpp"

// The part of the daemon that operators see.

namespace vibes::runtime {

void daemon::open_admin(unix_listener&& file) {
  admin_server::commands known;
  known["status"] = admin_server::at_once(
      [this](const boost::json::object&) { return control::make_status(sources()); });
  add_queue_commands(
      known, outbox_,
      [this](const disk_looks::request& wanted, disk_looks::answer told) {
        if (journal_) return journal_->look(wanted, std::move(told));
        told(make_error_code(boost::system::errc::no_such_device));  // nothing is on no disk
      },
      [this] {
        links_.wake();
        if (journal_) journal_->wake();
      });
  admin_.emplace(loop_, std::move(file), std::move(known));
}

control::status_sources daemon::sources() {
  shown_producers_ = listener_.producers();
  return {links_.report(),
          links_.branch_reports(),
          outbox_,
          counters_,
          shown_producers_,
          started_,
          std::chrono::steady_clock::now(),
          ::getpid(),
          log_lines_dropped(),
          stop_.has_value(),
          dead_letters_ ? std::optional(dead_letters_->report()) : std::nullopt,
          settings_.journal.resolved_directory};
}

}  // namespace vibes::runtime
