#pragma once

#include <deque>

#include "daemon/store/entry.hpp"

namespace vibes::store {

/// A producer that hears of one event, which is not in memory or is not on disk yet.
struct ack_waiter {
  sequence_number sequence = 0;  // of the event
  producer_ref producer;
  std::uint64_t line = 0;
  bool ack_wanted = false;  // it waits for the commit
};

/// Who hears of which event, told once, in the order of the events' numbers. Holds at most
/// waiters_max of them: without a place an event is nobody's here.
class ack_waiters {
 public:
  explicit ack_waiters(std::size_t waiters_max) noexcept : waiters_max_(waiters_max) {}

  bool has_place() const noexcept { return waiting_.size() < waiters_max_; }
  /// Needs a place, and an event that is newer than all before. Nothing has changed when it throws
  /// std::bad_alloc.
  void add(const ack_waiter&);
  /// Takes the last add back: its event could not be taken.
  void remove_newest() noexcept { waiting_.pop_back(); }
  /// Nobody when no producer waits for news of this event.
  ack_waiter take(sequence_number);
  /// The waiters of events up to this number go, oldest first; `visit` sees each.
  template <class Visit>
  void take_through(sequence_number last, Visit&& visit) {
    for (; !waiting_.empty() && waiting_.front().sequence <= last; waiting_.pop_front()) {
      visit(static_cast<const ack_waiter&>(waiting_.front()));
    }
  }

 private:
  std::deque<ack_waiter> waiting_;  // ascending
  std::size_t waiters_max_;
};

}  // namespace vibes::store
