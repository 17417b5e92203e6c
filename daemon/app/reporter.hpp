#pragma once

#include <optional>
#include <string>

#include "daemon/admin/dead_letter_log.hpp"
#include "daemon/admin/journal_advice.hpp"
#include "daemon/admin/rate_limiter.hpp"
#include "daemon/admin/run_summary.hpp"
#include "daemon/base/log.hpp"
#include "daemon/ingest/errc.hpp"
#include "daemon/link/link_report.hpp"
#include "daemon/store/entry.hpp"
#include "daemon/store/loss_ledger.hpp"

namespace vibes::app {

/// Decides what the running daemon logs and when: what is new is said at once, the same again only
/// now and then, with the number of lines that were kept back. Each function is told what has
/// happened or how something is now, and gives the line that is due, or nothing. No I/O, no clock.
class reporter {
 public:
  /// Lines of one kind that say the same come this often at the most.
  static constexpr auto repeated_line_period = std::chrono::seconds(10);

  struct names {
    std::string stream;
    std::string topic;
    std::string journal_directory;
  };
  using line = std::optional<log_line>;

  explicit reporter(names of) : names_(std::move(of)) {}

  /// `stopping`: trouble of the link is no news during a stop, which has lines of its own.
  line link_event(const link::link_report&, link::link_event, bool stopping, time_point now);
  line line_refused(const store::event_origin& from, ingest::ingest_errc, time_point now);
  /// Of the whole run. A line is also the time to note the run in the journal, so that what is
  /// known of a run that is killed is not more than one period older than its losses.
  line losses(const store::loss_ledger&, time_point now);
  line dead_letters(const admin::dead_letter_report&, time_point now);
  line journal(const store::journal_scheduler&, time_point now);
  /// The file of the socket at this path was missing. `error`: why it cannot be made again.
  line socket_file_missing(const std::string& path, const error_code& error, time_point now);

  /// The last run's note, as it was read: a damaged one is of no use to anybody and stops nothing.
  /// `previous`: what was understood of it.
  line last_note(const result<std::string>& note,
                 const std::optional<admin::run_summary>& previous) const;
  /// Whether what the last run has left goes elsewhere now.
  static line moved_backlog(const std::optional<admin::run_summary>& previous,
                            const admin::run_summary& now);
  /// Writing a note of this run has ended.
  static line run_noted(const error_code&);

 private:
  line link_trouble(const link::link_report&, link::link_event, time_point now);

  names names_;
  admin::rate_limiter refusals_{repeated_line_period};
  admin::rate_limiter link_{repeated_line_period};
  admin::rate_limiter losses_{repeated_line_period};
  admin::rate_limiter dead_letters_{repeated_line_period};
  admin::rate_limiter socket_files_{repeated_line_period};
  admin::journal_watch journal_{repeated_line_period};
  // As the log has it.
  error_code link_error_;
  std::uint64_t lost_events_ = 0;
  std::uint64_t dropped_letters_ = 0;
  bool dead_letters_failing_ = false;
};

}  // namespace vibes::app
