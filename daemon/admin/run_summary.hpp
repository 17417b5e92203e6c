#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/store/loss_ledger.hpp"

// What one run of the daemon leaves to the next one, and to people: how it ended, and what was
// lost.

namespace vibes::admin {

struct run_summary {
  std::uint64_t at_us = 0;        // Unix time when this was written
  bool clean = false;             // at the end of a stop; false: in the middle of the run
  std::uint64_t events_left = 0;  // in memory and on disk then; after a stop, on disk
  store::loss_ledger losses;      // of that run
  std::string stream;             // where its events went; empty: it did not say
  std::string topic;
};

/// The note in the journal's directory: one JSON object, of at most journal::run_note_bytes_max.
std::string encode_run(const run_summary&);
/// Nothing for a text that is none.
std::optional<run_summary> decode_run(std::string_view text);

/// The part of the status; null when there was no earlier run, or it said nothing.
boost::json::value previous_run_value(const std::optional<run_summary>&);

/// What is to be said when the events that an earlier run has left go elsewhere now; empty when
/// they do not, when there are none, or it is not known where they were to go.
std::string moved_backlog_text(const run_summary& previous, const run_summary& now);

/// "3 events were lost (overflow_drop_oldest 2, left_at_stop 1)"; empty when none was.
std::string losses_text(const store::loss_ledger&);

}  // namespace vibes::admin
