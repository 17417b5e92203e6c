#include "daemon/app/app.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <string>

#include "config/exit_code.hpp"
#include "daemon/admin/run_summary.hpp"
#include "daemon/app/daemon.hpp"
#include "daemon/app/descriptor_budget.hpp"
#include "daemon/app/socket_difference.hpp"
#include "daemon/app/start_check.hpp"
#include "daemon/base/log.hpp"
#include "daemon/io/journal/journal_lock.hpp"
#include "daemon/io/process/handed_socket.hpp"
#include "daemon/io/process/log_sink.hpp"
#include "daemon/io/process/new_file.hpp"

namespace vibes::app {
namespace {

using config::exit_code;

log_level level_of(config::log_severity chosen) {
  return static_cast<log_level>(static_cast<int>(log_level::critical) + static_cast<int>(chosen));
}

io::log_form form_of(config::log_format chosen) {
  return static_cast<io::log_form>(chosen);
}
static_assert(static_cast<int>(io::log_form::json) == static_cast<int>(config::log_format::json));

/// Makes room for every producer's descriptor, as far as the system allows it. Gives how many can
/// be served at a time; further ones wait in the backlog.
std::uint64_t raise_descriptor_limit(std::uint64_t connections_max, std::uint64_t more_sockets) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections_max;
  const rlim_t before = limit.rlim_cur;
  descriptor_budget plan = plan_descriptors(connections_max, before, limit.rlim_max, more_sockets);
  limit.rlim_cur = plan.limit;
  if (plan.limit != before && ::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    plan = plan_descriptors(connections_max, before, before, more_sockets);
  }
  if (plan.producers_max < connections_max) {
    log(log_level::warning, "[socket] connections_max is " + std::to_string(connections_max) +
                                ", but the system allows this process only " +
                                std::to_string(plan.limit) +
                                " open files: " + std::to_string(plan.producers_max) +
                                " producers are served at a time. Raise LimitNOFILE, or lower "
                                "connections_max");
  }
  return plan.producers_max;
}

error_code make_own_directories(const config::settings& settings, start_failure& why) {
  for (const config::directory_to_make& each : settings.directories) {
    if (const error_code error = io::make_directories(each.path, each.mode)) {
      why = {error, each.path + " cannot be made: " + error.message()};
      return error;
    }
  }
  return {};
}

void warn_of_difference(const config::socket_settings& settings,
                        const std::vector<int>& descriptors) {
  std::vector<io::handed_socket> given;
  for (const int each : descriptors) {
    if (std::optional<io::handed_socket> seen = io::inspect_socket(each))
      given.push_back(std::move(*seen));
  }
  const std::string difference = explain_difference(settings, given);
  if (!difference.empty()) log(log_level::warning, difference);
}

result<daemon::sockets> open_sockets(const config::settings& settings, start_failure& why) {
  daemon::sockets opened;
  if (const error_code error = make_own_directories(settings, why)) return error;
  const io::handed_over_sockets inherited = io::sockets_of_service_manager();
  if (!inherited.mistake.empty()) {
    why = {make_error_code(boost::system::errc::bad_file_descriptor), inherited.mistake};
    return why.error;
  }
  const auto obstacles = start_obstacles(settings, !inherited.listening.empty());
  if (!obstacles.empty()) {
    why = obstacles.front();
    return why.error;
  }
  if (!inherited.listening.empty()) {
    opened.events = inherited.listening;
    opened.events_inherited = true;
    warn_of_difference(settings.socket, opened.events);
  } else {
    io::socket_file_options options;
    options.path = settings.socket.path;
    options.mode = static_cast<mode_t>(std::stoul(settings.socket.mode, nullptr, 8));
    if (!settings.socket.group.empty()) options.group = io::find_group(settings.socket.group);
    result<io::unix_listener> made = io::listen_at(options);
    if (!made) {
      why = {made.error(), "[socket] path: " + place_advice(options.path, made.error())};
      return why.error;
    }
    opened.events_file = std::move(*made);
    opened.events = {opened.events_file.release_descriptor()};
  }
  io::socket_file_options admin;
  admin.path = settings.admin.socket;
  admin.backlog = 64;
  result<io::unix_listener> made = io::listen_at(admin);
  if (!made) {
    why = {made.error(), "[admin] socket: " + place_advice(admin.path, made.error())};
    return why.error;
  }
  opened.admin = std::move(*made);
  return opened;
}

/// Found out at the start rather than at the first bad line.
error_code try_dead_letters(const config::settings& settings, start_failure& why) {
  const std::string& path = settings.dead_letter.path;
  if (path.empty()) return {};
  const error_code error = io::try_dead_letter_file(path);
  if (!error) return {};
  why = {error, "[dead_letter] path: " + place_advice(path, error)};
  return error;
}

/// Producers wait in the socket meanwhile.
io::lock_outcome wait_for_lock(const config::settings& settings, io::service_manager& service,
                               const signal_surroundings& surroundings, start_failure& why) {
  const std::string& directory = settings.journal.resolved_directory;
  if (directory.empty()) return io::lock_outcome::free;
  const auto limit = std::chrono::milliseconds(settings.journal.lock_wait_ms);
  const io::lock_outcome found = io::wait_for_journal(directory, limit, service, surroundings);
  if (found == io::lock_outcome::stopped) {
    log(log_level::notice, "stopped while waiting for the journal; nothing had been taken");
  }
  if (found == io::lock_outcome::held) {
    why = {error_code(EWOULDBLOCK, boost::system::system_category()),
           "[journal] directory: " + directory +
               " is in use: " + io::explain_lock(directory, io::inspect_journal_lock(directory)) +
               ": another daemon keeps its journal there, or a command reads it"};
  }
  return found;
}

/// The last line has what the whole run has lost, for whatever reason.
void say_what_is_left(const store::left_behind& left) {
  const std::string lost =
      left.losses.total() == 0 ? std::string() : "; in this run " + admin::losses_text(left.losses);
  const log_level quiet = lost.empty() ? log_level::notice : log_level::warning;
  if (left.lost_events > 0) {
    log(log_level::error, "stopped with " + std::to_string(left.lost_events) +
                              " events that Iggy has not acknowledged: they are lost" +
                              (left.events_on_disk == 0 ? lost : ""));
  }
  if (!left.disk_answers) {
    log(log_level::error,
        "stopped without waiting for the journal's disk, which does not answer; " +
            std::to_string(left.events_on_disk) +
            " events were given to it, the last of them may not be there" + lost);
  } else if (left.events_on_disk > 0) {
    log(quiet, "stopped; " + std::to_string(left.events_on_disk) +
                   " events stay in the journal, and the next start sends them" + lost);
  } else if (left.lost_events == 0) {
    log(quiet, "stopped; every event that was taken has been settled" + lost);
  }
}

/// The log is written as far as somebody reads it.
int ended(exit_code code) {
  if (!io::stop_log_sink(stop_limits().log_close)) ::_exit(to_int(code));
  return to_int(code);
}

/// For a thread that is in a system call which may never end: nobody can wait for it.
[[noreturn]] void leave_at_once(exit_code code) {
  ::_exit(ended(code));
}

int cannot_start(io::service_manager& service, const start_failure& why) {
  log(log_level::critical, "cannot start: " + why.text);
  service.failed(why.error, why.text);
  return ended(exit_code::cannot_create);
}

int run_daemon(const config::settings& settings, daemon::sockets sockets,
               io::service_manager& service, const signal_surroundings& surroundings) {
  daemon running(settings, std::move(sockets), service, surroundings);
  if (const error_code error = running.open_journal()) {
    return cannot_start(service,
                        {error, "[journal] directory: " + settings.journal.resolved_directory +
                                    " is in use: another daemon keeps its journal there"});
  }
  if (running.stop_asked()) {
    log(log_level::notice, "stopped before the journal was open; nothing had been taken");
    io::leave_within(stop_limits().threads_end_s, to_int(exit_code::ok));
    return to_int(exit_code::ok);
  }
  try {
    say_what_is_left(running.run());
  } catch (const std::bad_alloc&) {
    log(log_level::critical, "out of memory, and the reserve is used up: leaving at once");
    leave_at_once(exit_code::failed);
  }
  const exit_code code = running.ran_out_of_memory() ? exit_code::failed : exit_code::ok;
  if (running.hangs()) leave_at_once(code);
  io::leave_within(stop_limits().threads_end_s, to_int(code));
  return to_int(code);
}

}  // namespace

int run_app(const config::settings& settings) {
  io::service_manager service;
  const signal_surroundings surroundings = io::hold_signals(service.is_present());
  io::leave_when_memory_is_out(to_int(exit_code::failed));
  io::start_log_sink(level_of(settings.log.level), form_of(settings.log.format));
  for (const std::string& each : settings.warnings) log(log_level::warning, each);
  start_failure why;
  result<daemon::sockets> sockets = open_sockets(settings, why);
  if (sockets) {
    if (const error_code error = try_dead_letters(settings, why)) sockets = error;
  }
  if (!sockets) return cannot_start(service, why);
  sockets->connections_max =
      raise_descriptor_limit(settings.socket.connections_max, sockets->events.size() - 1);
  const std::string where =
      sockets->events_inherited ? "the service manager's socket" : settings.socket.path;
  log(log_level::notice, "vibes-ingestd " VIBES_VERSION " takes events at " + where);
  switch (wait_for_lock(settings, service, surroundings, why)) {
    case io::lock_outcome::free: break;
    case io::lock_outcome::held: return cannot_start(service, why);
    case io::lock_outcome::stopped: return ended(exit_code::ok);
  }
  const int code = run_daemon(settings, std::move(*sockets), service, surroundings);
  return ended(static_cast<exit_code>(code));
}

}  // namespace vibes::app
