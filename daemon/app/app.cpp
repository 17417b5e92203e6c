#include "daemon/app/app.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <new>
#include <string>

#include "config/exit_code.hpp"
#include "daemon/app/daemon.hpp"
#include "daemon/app/descriptor_budget.hpp"
#include "daemon/app/run_lines.hpp"
#include "daemon/app/start_sockets.hpp"
#include "daemon/base/log.hpp"
#include "daemon/io/journal/journal_lock.hpp"
#include "daemon/io/process/log_sink.hpp"

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
  if (const auto line = few_descriptors_line(plan, connections_max)) log(*line);
  return plan.producers_max;
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

int run_daemon(const config::settings& settings, start_sockets sockets,
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
    for (const log_line& each : left_behind_lines(running.run())) log(each);
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
  result<start_sockets> sockets = open_sockets(settings, why);
  if (sockets) {
    if (const error_code error = try_dead_letters(settings, why)) sockets = error;
  }
  if (!sockets) return cannot_start(service, why);
  sockets->connections_max =
      raise_descriptor_limit(settings.socket.connections_max, sockets->events.size() - 1);
  const std::string where =
      sockets->events_inherited() ? "the service manager's socket" : settings.socket.path;
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
