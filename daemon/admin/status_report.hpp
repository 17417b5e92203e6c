#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "daemon/admin/dead_letter_log.hpp"
#include "daemon/admin/intake_counters.hpp"
#include "daemon/admin/run_summary.hpp"
#include "daemon/link/link_report.hpp"
#include "daemon/store/outbox.hpp"

namespace vibes::admin {

/// Everything that status shows, where it is kept. References live as long as the call.
struct status_sources {
  const link::link_report& link;
  std::vector<link::link_report> node_links;  // links to further nodes of a cluster
  const store::outbox& outbox;
  const intake_counters& intake;
  const std::vector<producer_info>& producers;
  time_point started;
  time_point now;
  std::int64_t pid = 0;
  std::uint64_t log_lines_dropped = 0;
  bool stopping = false;
  std::optional<dead_letter_report> dead_letters{};  // nothing when they are off
  std::string journal_directory{};                   // empty: there is to be none
  std::uint64_t unix_us = 0;                         // the wall clock, for ages of what came back
  std::optional<run_summary> previous_run{};         // as the journal's directory has it
  std::vector<std::string> warnings{};               // of the settings
};

/// The status as JSON; docs/operations.md lists its fields and what they mean.
boost::json::object make_status(const status_sources&);

/// One line for the service manager: connected or not, queued, lost.
std::string status_line(const status_sources&);

/// The same JSON for people.
std::string human_status(const boost::json::object&);

}  // namespace vibes::admin
