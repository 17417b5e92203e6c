#pragma once

#include <deque>
#include <optional>

#include "daemon/journal/backlog_reader.hpp"
#include "daemon/store/ack_waiters.hpp"

namespace vibes::store {

struct spill_limits {
  journal::read_limits page{16'384, 4 << 20};  // what comes back to memory at once
  std::size_t pending_bytes_max = 8 << 20;     // of records that wait for the journal
  std::size_t producers_max = 10'000;          // of events whose producer waits for news
};

/// The newer part of the backlog, for which memory has no room: it is on disk, or on its way there.
/// Everything in memory is older, so that order holds by construction: as long as there is a tail,
/// every new event joins it, and only its front goes to memory. In memory stay the events' numbers
/// as ranges, what the journal was not given yet, and who waits for news of them.
///
///   front ---------------------------------------------------------------------> back
///   on disk | handed over: the journal is at it | pending, in pages
///
/// Loop thread only; no I/O.
class spill {
 public:
  explicit spill(spill_limits limits) : limits_(limits), waiters_(limits.producers_max) {}

  bool empty() const noexcept { return events_.empty(); }
  std::uint64_t count() const noexcept { return events_.count(); }
  sequence_number first() const noexcept { return events_.first(); }
  const journal::sequence_set& events() const noexcept { return events_; }
  const spill_limits& limits() const noexcept { return limits_; }

  /// Whether one more producer may wait for news. Without a place an event comes back as nobody's.
  bool has_place_for_producer() const noexcept { return waiters_.has_place(); }
  /// Nothing has changed when it throws std::bad_alloc.
  void add(const new_event&, sequence_number);
  /// Whether its record is here still, or back here: the journal need not be asked for it.
  bool is_pending(sequence_number sequence) const noexcept;
  /// All of those.
  journal::sequence_set pending() const;
  /// Pending events from this number on, in order, until `visit` gives false or the next event is
  /// not pending.
  template <class Visit>
  void visit_pending(sequence_number from, Visit&& visit) const {
    bool goes_on = true;
    std::optional<sequence_number> visited;
    for (auto page = pending_.begin(); goes_on && page != pending_.end(); ++page) {
      if (page->highest() < from) continue;
      if (visited && has_between(*visited, page->lowest())) return;
      visited = page->highest();
      journal::for_each_record(
          page->bytes(), [&](const journal::record_header& header, protocol::const_bytes record) {
            if (goes_on && header.sequence >= from) goes_on = visit(*journal::decode_event(record));
          });
    }
  }
  /// Events that were on disk when the journal was opened. `oldest_us`: when the first of them was
  /// taken; 0: not known.
  void add_stored(const journal::sequence_set& stored, std::uint64_t oldest_us) {
    if (events_.empty()) front_time_us_ = oldest_us;
    events_.unite(stored);
  }
  /// Unix time when the front was taken, or earlier: it is that of the event before it until the
  /// front is read. 0: not known, or there is none.
  std::uint64_t front_time_us() const noexcept { return events_.empty() ? 0 : front_time_us_; }
  /// An event that was taken at this time left the front.
  void front_passed(std::uint64_t taken_us) noexcept { front_time_us_ = taken_us; }

  // Towards the journal.
  std::size_t pending_bytes() const noexcept { return pending_bytes_; }
  std::uint64_t pending_events() const noexcept { return pending_events_; }
  bool has_pending() const noexcept { return !pending_.empty(); }
  /// Moves pending events behind these records until they have this size; at least one event.
  void hand_over(journal::record_group& to, std::size_t bytes_max);
  /// The journal has done what it was given; what it may not have written is pending again.
  void handed_over_ends(const journal::record_group& unwritten);

  // Towards memory.
  /// Where the disk has the front; nothing when the front is not on disk, or not known to be.
  std::optional<sequence_number> front_on_disk() const noexcept;
  /// The front, when it is still pending: it need not go over the disk at all.
  std::optional<journal::record_group> take_pending_page();
  /// What take_pending_page gave could not be used now.
  void give_back_page(journal::record_group&& page);
  /// Of events that a page from the disk has, only those below this are at their place.
  sequence_number disk_end() const noexcept;

  /// These are no longer in the tail: in memory now, dropped, or lost.
  void remove(const journal::sequence_set&);

  /// Who waits for news of the event, told once; nobody for most.
  ack_waiter take_producer(sequence_number sequence) { return waiters_.take(sequence); }

 private:
  /// Whether an event of the tail stands between these.
  bool has_between(sequence_number before, sequence_number behind) const noexcept;
  void split_front(std::size_t bytes_max);
  journal::record_group& page_for(std::deque<journal::record_group>& of, std::size_t bytes,
                                  std::size_t page_bytes_max);
  void add_record(std::deque<journal::record_group>& to, const journal::event_record&,
                  std::size_t page_bytes_max);

  spill_limits limits_;
  journal::sequence_set events_;
  std::uint64_t front_time_us_ = 0;
  // Pages, none of them empty, ascending. No event of the tail stands between two of one page;
  // between two pages some may, which an earlier attempt has brought to the disk.
  std::deque<journal::record_group> pending_;
  std::size_t pending_bytes_ = 0;
  std::uint64_t pending_events_ = 0;
  std::optional<sequence_number> handed_over_;  // the oldest of what the journal is at
  ack_waiters waiters_;                         // their events are in the tail
};

}  // namespace vibes::store
