#include "daemon/app/reporter.hpp"

#include "daemon/admin/link_advice.hpp"

namespace vibes::app {
namespace {

/// Empty for a server that would not say its version to this user.
std::string named_version(const link::link_report& report) {
  return report.server_version.empty() ? "" : report.server_version + " ";
}

std::string more_of_late(std::uint64_t kept_back) {
  return kept_back > 0 ? "; " + std::to_string(kept_back) + " more of late" : "";
}

}  // namespace

reporter::line reporter::link_event(const link::link_report& report, link::link_event event,
                                    bool stopping, time_point now) {
  const std::string& address = report.address;
  const std::string target = names_.stream + "/" + names_.topic;
  const std::string partitions = std::to_string(report.partitions_count) + " partitions";
  switch (event) {
    case link::link_event::redirected:
      return log_line{log_level::notice,
                      "another node leads: leaving Iggy at " + address + " for it"};
    case link::link_event::up:
      if (report.is_node_link) {
        return log_line{log_level::notice, "connected to a further node of Iggy at " + address};
      }
      link_error_ = {};
      return log_line{log_level::notice, "connected to Iggy " + named_version(report) + "at " +
                                             address + " (generation " +
                                             std::string(to_string(*report.gen)) + ", " +
                                             partitions + " of " + target + ")"};
    case link::link_event::topology_changed:
      return log_line{log_level::notice, target + " now has " + partitions};
    case link::link_event::lost:
    case link::link_event::attempt_failed:
    case link::link_event::send_delayed:
    case link::link_event::event_refused:
      return stopping ? std::nullopt : link_trouble(report, event, now);
    case link::link_event::none: break;
  }
  return std::nullopt;
}

/// A new kind of trouble is always said at once; the same again only now and then.
reporter::line reporter::link_trouble(const link::link_report& report, link::link_event event,
                                      time_point now) {
  const bool same = report.last_error == link_error_;
  const auto kept_back = link_.admit(now);
  if (same && !kept_back) return std::nullopt;
  link_error_ = report.last_error;
  return log_line{
      event == link::link_event::event_refused ? log_level::error : log_level::warning,
      admin::explain_link_error(report, report.address) + more_of_late(kept_back.value_or(0))};
}

reporter::line reporter::line_refused(const store::event_origin& from, ingest::ingest_errc code,
                                      time_point now) {
  const auto kept_back = refusals_.admit(now);
  if (!kept_back) return std::nullopt;
  return log_line{log_level::warning, "refused a line of pid " + std::to_string(from.pid) +
                                          " uid " + std::to_string(from.uid) + ": " +
                                          std::string(code_name(code)) + ": " +
                                          std::string(advice(code)) + more_of_late(*kept_back)};
}

reporter::line reporter::losses(const store::loss_ledger& of, time_point now) {
  const std::uint64_t lost = of.total();
  if (lost == lost_events_ || !losses_.admit(now)) return std::nullopt;
  const std::uint64_t more = lost - std::exchange(lost_events_, lost);
  return log_line{log_level::warning, std::to_string(more) +
                                          " events lost since the last such line; in all, " +
                                          admin::losses_text(of)};
}

reporter::line reporter::dead_letters(const admin::dead_letter_report& report, time_point now) {
  const bool dropped_more = report.dropped_entries > dropped_letters_;
  const bool is_new =
      report.failing != dead_letters_failing_ || report.dropped_entries != dropped_letters_;
  if (!is_new || !dead_letters_.admit(now)) return std::nullopt;
  dead_letters_failing_ = report.failing;
  dropped_letters_ = report.dropped_entries;
  if (!report.failing && !dropped_more) {
    return log_line{log_level::notice, "dead letters are written again to " + report.path};
  }
  return log_line{log_level::warning, "dead letters are not written to " + report.path + " [" +
                                          report.last_error.message() + "]; " +
                                          std::to_string(report.dropped_entries) +
                                          " dropped so far. Tried again every second"};
}

reporter::line reporter::journal(const store::journal_scheduler& scheduler, time_point now) {
  if (!journal_.is_due(scheduler.health().state(), scheduler.space().is_full(), now))
    return std::nullopt;
  return log_line{admin::journal_log_level(scheduler),
                  admin::explain_journal(scheduler, names_.journal_directory)};
}

reporter::line reporter::socket_file_missing(const std::string& path, const error_code& error,
                                             time_point now) {
  if (!error) {
    return log_line{log_level::warning,
                    "the socket " + path + " had been removed, and is there again"};
  }
  if (!socket_files_.admit(now)) return std::nullopt;
  return log_line{
      log_level::error,
      "the socket " + path + " has been removed, and cannot be made again: " + error.message()};
}

reporter::line reporter::last_note(const result<std::string>& note,
                                   const std::optional<admin::run_summary>& previous) const {
  const bool is_understood = note && (note->empty() || previous);
  if (is_understood) return std::nullopt;
  return log_line{log_level::warning, "the last run's note in " + names_.journal_directory +
                                          " cannot be read, and is replaced" +
                                          (note ? "" : ": " + note.error().message())};
}

reporter::line reporter::moved_backlog(const std::optional<admin::run_summary>& previous,
                                       const admin::run_summary& now) {
  std::string moved = previous ? admin::moved_backlog_text(*previous, now) : "";
  if (moved.empty()) return std::nullopt;
  return log_line{log_level::warning, std::move(moved)};
}

reporter::line reporter::run_noted(const error_code& error) {
  if (!error) return std::nullopt;
  return log_line{log_level::warning, "the journal has no note of this run: " + error.message()};
}

}  // namespace vibes::app
