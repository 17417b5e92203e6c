#pragma once

#include <span>
#include <vector>

#include "daemon/store/entry.hpp"
#include "daemon/store/loss_ledger.hpp"

namespace vibes::store {

enum class delivery_outcome : std::uint8_t {
  durable,    // on disk; the commit is still to come
  committed,  // Iggy has it
  lost,
};

/// One event, as its producer knows it.
struct producer_line {
  producer_ref producer;
  std::uint64_t line = 0;  // of the producer's connection
};

/// Events that have one outcome, in the order in which it came about. The span lives as long as the
/// call.
struct delivery_report {
  delivery_outcome outcome = delivery_outcome::committed;
  loss_reason reason = loss_reason::left_at_stop;  // of `lost` only
  std::span<const producer_line> events;           // at least one
};

/// Hears what became of the events that have a producer to tell.
class delivery_listener {
 public:
  virtual ~delivery_listener() = default;
  /// `durable` comes only for events whose producer asked for that. An event that Iggy commits
  /// before the sync is reported as committed only.
  virtual void report(const delivery_report&) = 0;
  /// The reports of one step are complete: there may be room again, and answers may be written.
  virtual void reported() = 0;
};

/// Collects events of one outcome, so that the listener is called once for a batch. The listener
/// hears of events in the order in which they were added.
class delivery_reporter {
 public:
  /// Takes its memory here, otherwise a loss could not be reported when there is none left.
  explicit delivery_reporter(delivery_listener& listener) : listener_(listener) {
    added_.reserve(events_max);
  }

  void add(delivery_outcome outcome, const producer_line& event) { add(outcome, {}, event); }
  void add_lost(loss_reason reason, const producer_line& event) {
    add(delivery_outcome::lost, reason, event);
  }
  /// Reports what was added.
  void report_added();
  /// Reports what was added, and that it is complete.
  void complete() {
    report_added();
    listener_.reported();
  }

 private:
  /// A stop can lose the whole queue: its lines are not collected into memory at once.
  static constexpr std::size_t events_max = 1'024;

  void add(delivery_outcome, loss_reason, const producer_line&);

  delivery_listener& listener_;
  delivery_outcome outcome_ = delivery_outcome::committed;
  loss_reason reason_{};
  std::vector<producer_line> added_;  // not reported yet; at most events_max
};

}  // namespace vibes::store
