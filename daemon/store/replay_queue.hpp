#pragma once

#include <algorithm>
#include <deque>
#include <optional>

#include "daemon/journal/sequence_set.hpp"
#include "daemon/store/entry.hpp"

namespace vibes::store {

/// Hard caps; both at least 1. Costs are entry_cost_bytes.
struct queue_limits {
  std::size_t events_max = 10'000;
  std::size_t bytes_max = 64 << 20;
};

struct queue_usage {
  std::size_t events = 0;  // queued, in flight and returned
  std::size_t bytes = 0;
  std::size_t unsettled_events = 0;  // in flight or returned: Iggy may have them
  std::size_t unsettled_bytes = 0;
  std::size_t sent_events = 0;  // put into a request at least once: may not be dropped
  std::size_t sent_bytes = 0;
};

/// A batch that an earlier process sent, as the journal has it. It is formed again when the last of
/// its events has been pushed.
struct stored_batch {
  protocol::partition_id partition = 0;
  protocol::generation generation = protocol::generation::iggy_0_7;
  std::optional<protocol::producer_stamp> stamp{};  // nothing when it was sent without
  journal::sequence_set events;                     // at least one
};

/// What the batcher sees of one partition.
struct lane_view {
  std::size_t queued_events = 0;
  std::size_t queued_bytes = 0;
  std::size_t ack_wanted = 0;     // queued events whose producer waits
  const entry* oldest = nullptr;  // of the queued ones
  bool has_returned_batch = false;
  bool busy = false;               // a batch of this lane is in flight
  bool is_held = false;            // nothing new may be taken: see route
  std::size_t returned_bytes = 0;  // of the returned batch that goes first
};

/// The events that Iggy has not acknowledged yet, in memory.
///
///   push -> [lane 0: queued q q q]  take -> in flight --commit--> gone
///           [lane 1: queued q q  ]            |   ^
///           [lane N: queued      ]       put_back |take (the same batch, first)
///                                             v   |
///                                           returned
///
/// A lane is a partition of the topic; a session's hash decides its lane, so a session's events
/// stay in order. Before the topic is known there is one lane and nothing can be taken. At most one
/// batch of a lane is in flight at a time, and a returned batch goes before anything newer of its
/// lane.
///
/// It never drops by itself and never exceeds its limits: push needs `fits`. Loop thread only.
class replay_queue {
 public:
  explicit replay_queue(queue_limits);
  ~replay_queue();
  replay_queue(const replay_queue&) = delete;
  replay_queue& operator=(const replay_queue&) = delete;

  bool fits(std::size_t payload_size) const noexcept;
  /// Whether it would fit if all that drop_oldest may take had gone.
  bool fits_after_drops(std::size_t payload_size) const noexcept;
  /// Whether an empty queue would take it.
  bool fits_at_all(std::size_t payload_size) const noexcept {
    return entry_cost_bytes(payload_size) <= limits_.bytes_max;
  }
  /// Nothing has changed when it throws std::bad_alloc.
  sequence_number push(const new_event&, time_point now);

  /// An event that has its number already: it was on disk, or on its way there. `recorded`: the
  /// journal has it.
  void push_stored(const new_event&, sequence_number, time_point now, bool recorded);
  /// Numbers go on from here; never back.
  void sequences_from(sequence_number first) noexcept {
    last_number_ = std::max(last_number_, first - 1);
  }
  /// Gives a number out for an event that is not pushed now.
  sequence_number claim_sequence() noexcept { return ++last_number_; }
  sequence_number last_number() const noexcept { return last_number_; }

  /// The events of this batch are to come through push_stored. Complete, it goes first in its
  /// partition, unchanged, unless its partition has gone or the generation is another one; its
  /// events are ordinary ones then.
  void expect(stored_batch);
  /// Batches of which one of these events was expected cannot be whole any more.
  void expect_no_more(const journal::sequence_set& lost);
  /// Events of batches that are not complete yet: nobody can take them.
  std::size_t held_events() const noexcept;

  /// The oldest event that the journal was not given yet, or none.
  entry* first_unrecorded() noexcept;
  /// All of those, oldest first, until `visit` gives false.
  template <class Visit>
  void visit_unrecorded(Visit&& visit) {
    if (first_unrecorded() == nullptr) return;
    for (auto at = record_cursor_; at != order_.end(); ++at) {
      if (!at->was_recorded && !visit(static_cast<const entry&>(*at))) return;
    }
  }
  /// The journal does not have these events, or may not have any.
  void record_again(const journal::sequence_set& missing) noexcept;
  void record_again() noexcept { record_again(journal::sequence_set({1, journal::sequence_max})); }

  /// Resolves every queued event's lane anew. Nothing may be in flight. A returned batch keeps its
  /// partition (that is where a first copy of it may be) while the generation is the same and the
  /// partition is still there; otherwise its events are queued again, in order. Where a session of
  /// a batch that keeps its partition goes on in another lane, that lane is held until the batch is
  /// committed: a session's events get to Iggy in order through every change.
  void route(std::span<const protocol::partition_id> sorted_ids, protocol::generation);
  bool routed() const noexcept { return !partitions_.empty(); }

  protocol::generation generation() const noexcept { return generation_; }

  std::size_t lane_count() const noexcept { return lanes_.size(); }
  lane_view lane(std::size_t) const noexcept;

  /// The lane's returned batch, or a new one of its oldest queued events within the limits (at
  /// least one event, whatever its size). The lane must not be busy and must have something; a new
  /// one is taken only when it is not held.
  batch take(std::size_t lane, std::size_t events_max, std::size_t bytes_max);

  /// Iggy has the batch: its entries are gone.
  void commit(batch&&);
  /// Its fate is unknown, or it was not applied: it will be taken again first, unchanged.
  void put_back(batch&&);
  /// As put_back, but as two batches of half the events each. Needs at least two events.
  void put_back_split(batch&&);

  /// The batches that came back and wait for the next link, except those that are expected.
  template <class Visit>
  void for_each_returned(Visit&& visit) const {
    for (const lane_state& each : lanes_) {
      for (const batch& back : each.returned) visit(back);
    }
  }

  /// The oldest event that was never put into a request, or none. `visit` sees it before it goes.
  template <class Visit>
  bool drop_oldest(Visit&& visit) {
    entry* oldest = oldest_droppable();
    if (oldest == nullptr) return false;
    visit(static_cast<const entry&>(*oldest));
    drop(oldest);
    return true;
  }

  /// The event that drop_oldest would take, if any.
  const entry* next_to_drop() noexcept { return oldest_droppable(); }

  /// Whether drop_chosen may take it: it was never put into a request.
  static bool droppable(const entry& of) noexcept { return !of.was_sent; }

  /// Asks `choose` of every live event, oldest first, until it says stop; drops those that it
  /// chooses, which must be droppable. `visit` sees each before it goes.
  enum class choice : std::uint8_t { keep, drop, stop };
  template <class Choose, class Visit>
  void drop_chosen(Choose&& choose, Visit&& visit) {
    for (auto at = order_.begin(); at != order_.end();) {
      entry& each = *at++;
      const choice made = choose(static_cast<const entry&>(each));
      if (made == choice::stop) return;
      if (made == choice::keep) continue;
      visit(static_cast<const entry&>(each));
      drop(&each);
    }
  }

  /// Takes out everything, oldest first; `visit` sees each event before it goes. Nothing may be in
  /// flight.
  template <class Visit>
  void clear(Visit&& visit) {
    forget_lanes();
    while (!order_.empty()) {
      visit(static_cast<const entry&>(order_.front()));
      erase(&order_.front());
    }
  }

  /// Whether older events have lower numbers. They do, unless a journal that was late gave back
  /// events of an earlier process behind newer ones.
  bool ascends() const noexcept { return ascends_; }

  /// Live events from after this sequence on, by sequence, until `visit` gives false. Walks from
  /// the nearer end: its cost grows with the events on the way there. Sorts when they do not
  /// ascend.
  template <class Visit>
  void visit_after(sequence_number after, Visit&& visit) const {
    if (!ascends_) {
      for (const entry* each : sorted_after(after)) {
        if (!visit(*each)) return;
      }
      return;
    }
    for (auto at = first_after(after); at != order_.end() && visit(*at); ++at) {
    }
  }
  const entry* find(sequence_number) const;
  sequence_number last_sequence() const noexcept { return last_number_; }
  /// Where it goes, or is; nothing before the topic is known.
  std::optional<protocol::partition_id> partition_of(const entry&) const noexcept;

  /// Every live entry, oldest first.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const entry& each : order_) visit(each);
  }

  queue_usage usage() const noexcept { return usage_; }
  bool empty() const noexcept { return usage_.events == 0; }
  const entry* oldest() const noexcept { return order_.empty() ? nullptr : &order_.front(); }
  const queue_limits& limits() const noexcept { return limits_; }

 private:
  using order_list =
      boost::intrusive::list<entry,
                             boost::intrusive::member_hook<entry, entry::hook, &entry::order_hook>>;
  using lane_list =
      boost::intrusive::list<entry,
                             boost::intrusive::member_hook<entry, entry::hook, &entry::lane_hook>>;

  struct lane_state {
    lane_list queued;
    std::deque<batch> returned;
    std::size_t queued_bytes = 0;
    std::size_t ack_wanted = 0;
    bool busy = false;
    std::size_t held_by = 0;  // batches that hold it
  };

  struct restored_batch {
    stored_batch what;
    batch made;
    bool is_complete() const noexcept { return made.entries.size() == what.events.count(); }
  };

  entry& add(const new_event&, sequence_number, time_point now);
  restored_batch* expected_with(sequence_number) noexcept;
  void hold(entry&, restored_batch& in);
  void place_complete();
  void dissolve(restored_batch&);

  std::size_t lane_of(const entry&) const noexcept;
  order_list::const_iterator first_after(sequence_number) const noexcept;
  std::vector<const entry*> sorted_after(sequence_number) const;
  void enqueue(entry&);
  void dequeue(entry&);
  entry* oldest_droppable() noexcept;
  void drop(entry*);
  void erase(entry*);
  void settle(const batch&, entry_state);
  void forget_lanes();
  void return_to_partition(batch&& kept);
  void hold_lanes(batch& kept);
  void let_go(batch& settled);
  bool keeps_partition(const batch&, std::span<const protocol::partition_id>,
                       protocol::generation) const noexcept;

  queue_limits limits_;
  queue_usage usage_;
  order_list order_;
  order_list::iterator drop_cursor_;    // nothing before it may be dropped; never moves back
  order_list::iterator record_cursor_;  // everything before it was recorded
  std::vector<restored_batch> restored_;
  std::vector<lane_state> lanes_;
  std::vector<protocol::partition_id> partitions_;
  protocol::generation generation_ = protocol::generation::iggy_0_7;
  sequence_number last_number_ = 0;
  bool ascends_ = true;
};

}  // namespace vibes::store
