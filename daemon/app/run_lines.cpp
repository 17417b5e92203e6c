#include "daemon/app/run_lines.hpp"

#include "daemon/admin/run_summary.hpp"

namespace vibes::app {

std::optional<log_line> few_descriptors_line(const descriptor_budget& plan,
                                             std::uint64_t connections_max) {
  if (plan.producers_max >= connections_max) return std::nullopt;
  return log_line{log_level::warning,
                  "[socket] connections_max is " + std::to_string(connections_max) +
                      ", but the system allows this process only " + std::to_string(plan.limit) +
                      " open files: " + std::to_string(plan.producers_max) +
                      " producers are served at a time. Raise LimitNOFILE, or "
                      "lower connections_max"};
}

std::optional<log_line> signal_line(int signal, signal_reaction reaction) {
  const std::string name(signal_name(signal));
  switch (reaction) {
    case signal_reaction::begin_stop: return log_line{log_level::notice, name + ": ending"};
    case signal_reaction::skip_drain:
      return log_line{log_level::notice, "second signal: not waiting for the queue to drain"};
    case signal_reaction::say_ignored:
      return log_line{log_level::notice,
                      name + " is ignored: the settings are read at a start only"};
    case signal_reaction::none: break;
  }
  return std::nullopt;
}

log_line memory_out_line() {
  return {log_level::critical, "out of memory: ending, without waiting for Iggy"};
}

log_line stopping_line(std::uint64_t queued_events, duration drain) {
  const auto drain_ms = std::chrono::duration_cast<std::chrono::milliseconds>(drain).count();
  return {log_level::notice, "stopping: " + std::to_string(queued_events) +
                                 " events queued, up to " + std::to_string(drain_ms) +
                                 " ms to drain them"};
}

log_line not_worth_the_wait_line() {
  return {log_level::notice,
          "Iggy is away and everything is in the journal: not waiting any longer"};
}

std::optional<log_line> dead_letters_end_line(std::optional<std::uint64_t> lost) {
  if (!lost) {
    return log_line{log_level::error,
                    "the dead letter file's disk does not answer: the last may be missing"};
  }
  if (*lost == 0) return std::nullopt;
  return log_line{log_level::error, std::to_string(*lost) + " dead letters could not be written"};
}

log_line note_hangs_line() {
  return {log_level::error, "the journal's disk does not answer: it may have no note of this run"};
}

std::vector<log_line> left_behind_lines(const store::left_behind& left) {
  const std::string lost =
      left.losses.total() == 0 ? std::string() : "; in this run " + admin::losses_text(left.losses);
  const log_level quiet = lost.empty() ? log_level::notice : log_level::warning;
  std::vector<log_line> lines;
  if (left.lost_events > 0) {
    lines.push_back({log_level::error, "stopped with " + std::to_string(left.lost_events) +
                                           " events that Iggy has not acknowledged: they are lost" +
                                           (left.events_on_disk == 0 ? lost : "")});
  }
  if (!left.disk_answers) {
    lines.push_back({log_level::error,
                     "stopped without waiting for the journal's disk, which does not answer; " +
                         std::to_string(left.events_on_disk) +
                         " events were given to it, the last of them may not be there" + lost});
  } else if (left.events_on_disk > 0) {
    lines.push_back({quiet, "stopped; " + std::to_string(left.events_on_disk) +
                                " events stay in the journal, and the next start sends them" +
                                lost});
  } else if (left.lost_events == 0) {
    lines.push_back({quiet, "stopped; every event that was taken has been settled" + lost});
  }
  return lines;
}

}  // namespace vibes::app
