#include <unistd.h>

#include <utility>

#include "daemon/app/daemon.hpp"
#include "daemon/io/process/log_sink.hpp"
#include "daemon/io/process/wall_clock.hpp"

// The part of the daemon that operators see.

namespace vibes::app {

void daemon::open_admin(io::unix_listener&& file) {
  io::admin_server::commands known;
  known["status"] = io::admin_server::at_once(
      [this](const boost::json::object&) { return admin::make_status(sources()); });
  io::add_queue_commands(
      known, outbox_,
      [this](const io::peek_requests::request& wanted, io::peek_requests::answer told) {
        if (journal_) return journal_->peek(wanted, std::move(told));
        told(make_error_code(boost::system::errc::no_such_device));  // nothing is on no disk
      },
      [this] { wake_links_and_journal(); });
  admin_.emplace(loop_, std::move(file), std::move(known));
}

void daemon::watch_socket_files() {
  const auto say = [this](const std::string& path, const error_code& error) {
    const auto line = reporter_.socket_file_missing(path, error, std::chrono::steady_clock::now());
    if (line) log(*line);
  };
  if (const std::optional<error_code> error = producers_.mend_file()) {
    say(producers_.path(), *error);
  }
  if (admin_ && admin_->file_is_missing()) {
    say(settings_.admin.socket, admin_->make_file_again());
  }
}

void daemon::tell_status() {
  const std::string status = admin::status_line(sources());
  if (status == last_status_ || stop_.is_under_way()) return;
  last_status_ = status;
  service_.status(status);
}

admin::status_sources daemon::sources() {
  return {links_.report(),
          links_.node_link_reports(),
          outbox_,
          intake_.counters,
          producers_.producers(),
          started_,
          std::chrono::steady_clock::now(),
          ::getpid(),
          io::log_lines_dropped(),
          stop_.is_under_way(),
          dead_letters_ ? std::optional(dead_letters_->report()) : std::nullopt,
          settings_.journal.resolved_directory,
          io::unix_time_us(),
          previous_run_,
          settings_.warnings};
}

}  // namespace vibes::app
