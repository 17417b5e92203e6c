#include <unistd.h>

#include <utility>

#include "daemon/app/daemon.hpp"
#include "daemon/base/log.hpp"
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
      [this] {
        links_.wake();
        if (journal_) journal_->wake();
      });
  admin_.emplace(loop_, std::move(file), std::move(known));
}

/// Something cleans up the directory: without its file a socket cannot be reached by anybody new.
void daemon::watch_socket_files() {
  if (events_file_.file_is_missing()) {
    const std::string path = events_file_.path();
    const error_code error = events_file_.make_again();
    if (!error) listener_.replace_sockets(events_file_.release_descriptor());
    say_file_was_missing(path, error);
  }
  if (admin_ && admin_->file_is_missing()) {
    say_file_was_missing(settings_.admin.socket, admin_->make_file_again());
  }
}

void daemon::say_file_was_missing(const std::string& path, const error_code& error) {
  if (!error) {
    log(log_level::warning, "the socket " + path + " had been removed, and is there again");
  } else if (socket_file_limiter_.admit(std::chrono::steady_clock::now())) {
    log(log_level::error,
        "the socket " + path + " has been removed, and cannot be made again: " + error.message());
  }
}

admin::status_sources daemon::sources() {
  shown_producers_ = listener_.producers();
  return {links_.report(),
          links_.node_link_reports(),
          outbox_,
          counters_,
          shown_producers_,
          started_,
          std::chrono::steady_clock::now(),
          ::getpid(),
          io::log_lines_dropped(),
          stop_.has_value(),
          dead_letters_ ? std::optional(dead_letters_->report()) : std::nullopt,
          settings_.journal.resolved_directory,
          io::unix_time_us(),
          previous_run_,
          settings_.warnings};
}

}  // namespace vibes::app
