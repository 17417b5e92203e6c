#include "daemon/admin/journal_advice.hpp"

#include "daemon/journal/journal_errc.hpp"

namespace vibes::admin {
namespace {

using journal::journal_errc;
using store::journal_state;

std::string found(const store::journal_scheduler& scheduler) {
  if (!scheduler.status().recovery) return {};
  const journal::recovery_report& report = *scheduler.status().recovery;
  std::string text = ": " + std::to_string(report.live_events) + " events in " +
                     std::to_string(report.segments) + " segments wait to be sent";
  if (report.live_events == 0) text = ": nothing waits in it";
  if (!report.lost.empty()) {
    text += ", " + std::to_string(report.lost.count()) + " events are lost to damage";
  }
  if (report.damaged_bytes > 0) {
    text += ", " + std::to_string(report.damaged_bytes) + " damaged bytes were skipped";
  }
  return text;
}

std::string trouble(const error_code& error) {
  if (error == journal_errc::newer_format || error == journal_errc::older_format) {
    return "its format is not that of this version, and nothing of it was touched";
  }
  if (error == boost::system::errc::no_space_on_device) return "the disk is full";
  if (error == boost::system::errc::read_only_file_system) return "the file system is read-only";
  if (error == boost::system::errc::no_such_file_or_directory) {
    return "the directory, or the one above it, is not there";
  }
  if (error == boost::system::errc::permission_denied)
    return "no permission: all of it has to belong to the user of the daemon";
  return error.message();
}

}  // namespace

std::string explain_journal(const store::journal_scheduler& scheduler,
                            const std::string& directory) {
  const std::string name = "journal in " + directory;
  const std::string why = trouble(scheduler.health().last_error()) + " [" +
                          scheduler.health().last_error().message() + "]";
  switch (scheduler.health().state()) {
    case journal_state::off:
      return name + " is not used: " + why + "; events are kept in memory only";
    case journal_state::opening: return name + " is being opened";
    case journal_state::failed:
      return name + " has failed: " + why +
             "; events are kept in memory only until it can be opened again";
    case journal_state::healthy: break;
  }
  if (scheduler.space().is_full()) return name + " is full: raise [journal] bytes_max";
  return name + " is open" + found(scheduler);
}

std::vector<std::string> explain_damage(const journal::recovery_report& report) {
  std::vector<std::string> lines;
  const auto say = [&lines](std::uint64_t count, const std::string& what) {
    if (count > 0) lines.push_back(std::to_string(count) + what);
  };
  say(report.lost.count(), " events are lost to damage");
  say(report.damaged_bytes, " damaged bytes were skipped");
  say(report.damaged_headers, " segments have a damaged header");
  say(report.malformed_records, " records make no sense");
  say(report.read_errors, " blocks could not be read");
  say(report.foreign_segments, " segments are another journal's, and were ignored");
  say(report.duplicate_segments, " segments are there twice, and were ignored");
  return lines;
}

log_level journal_log_level(const store::journal_scheduler& scheduler) noexcept {
  if (scheduler.health().state() == journal_state::failed ||
      scheduler.health().state() == journal_state::off) {
    return log_level::error;
  }
  const bool damaged =
      scheduler.status().recovery && (scheduler.status().recovery->damaged_bytes > 0 ||
                                      !scheduler.status().recovery->lost.empty());
  return scheduler.space().is_full() || damaged ? log_level::warning : log_level::notice;
}

}  // namespace vibes::admin
