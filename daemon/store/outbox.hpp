#pragma once

#include <functional>
#include <vector>

#include "daemon/base/memory_reserve.hpp"
#include "daemon/store/admission.hpp"
#include "daemon/store/delivery_report.hpp"
#include "daemon/store/journal_scheduler.hpp"
#include "daemon/store/work_source.hpp"

namespace vibes::store {

struct outbox_counters {
  std::uint64_t received_events = 0;      // entered the queue, or were refused by its policy
  std::uint64_t left_on_disk_events = 0;  // by the stop
  std::uint64_t committed_events = 0;
  std::uint64_t committed_batches = 0;
  std::uint64_t committed_bytes = 0;   // of payload
  std::uint64_t returned_batches = 0;  // put back after a lost link or a refusal to be retried
  std::uint64_t resent_events = 0;     // handed to the link again: Iggy may have them twice
};

struct outbox_limits {
  queue_limits queue;
  batch_limits batch;
  admission_limits admission;
  std::optional<scheduler_settings> journal{};  // nothing: memory only
  memory_headroom::question memory_is_left = &vibes::memory_is_left;
};

/// What a stop leaves behind.
struct left_behind {
  std::uint64_t lost_events = 0;
  std::uint64_t events_on_disk = 0;  // the next start sends them
  bool disk_answers = true;          // if not, some of those may not be there
  loss_ledger losses{};              // of the whole run
};

/// The queue with its policies, between producers on one side and the link on the other: admits
/// events, hands out batches, reports deliveries, and keeps the ledger. With a journal, events go
/// to disk when memory is full, and the overflow policy applies when the disk is full too. Loop
/// thread only; no I/O, no clock.
class outbox final : public work_source {
 public:
  outbox(outbox_limits, delivery_listener&, time_point now);

  enum class offer_verdict : std::uint8_t { accepted, wait, refused };
  struct offer_result {
    offer_verdict verdict = offer_verdict::accepted;
    loss_reason reason = loss_reason::overflow_drop_newest;  // when refused
    time_point ask_again_at;                                 // when told to wait
  };

  /// Admits the event, or says why not. A refused event is in the ledger already. The caller keeps
  /// the event while it waits; `waiting_since` is when this event was first offered.
  offer_result offer(const new_event&, time_point now, time_point waiting_since);

  /// Whether an event of ordinary size would be settled now, one way or the other. Asked before
  /// reading, so that a producer that has to wait leaves its bytes in its socket.
  bool accepts(time_point now) const noexcept { return !ask_again_at(now, now); }
  /// When to ask again; nothing when there is no reason to wait.
  std::optional<time_point> ask_again_at(time_point now, time_point waiting_since) const noexcept;

  /// Takes what is still queued out; what is not on disk is counted as lost. After the link has
  /// stopped only: nothing may be in flight, and nothing may be offered afterwards.
  left_behind give_up_rest();

  /// While paused no batch is handed out but to a link that drains, and events queue up under the
  /// overflow policy. What is in flight ends as it would.
  void pause() noexcept { paused_ = true; }
  void resume() noexcept { paused_ = false; }
  bool paused() const noexcept { return paused_; }

  /// An operator takes these out, as far as they were never put into a request. Ascending
  /// sequences, in memory or on disk. Gives those that went; the others are with Iggy perhaps, or
  /// gone already.
  std::vector<sequence_number> drop(std::span<const sequence_number> ascending);
  /// All that may go up to this sequence, at most events_max of them; gives their number.
  std::uint64_t drop_up_to(sequence_number last, std::uint64_t events_max);

  /// Sees each event that Iggy will not have, before it goes: whoever its producer is.
  using refusal_visitor = std::function<void(const entry&, const protocol::error_code&)>;
  void on_refusal(refusal_visitor visit) { on_refusal_ = std::move(visit); }

  // The journal's driver: at most one job is out, and its outcome comes back through journal_done.
  std::optional<journal::journal_job> next_journal_job(time_point now, bool closing = false);
  std::optional<time_point> journal_wake_at() const { return scheduler_.wake_at(); }
  void journal_done(journal::journal_outcome&&, time_point now);
  bool journal_flushed() noexcept { return scheduler_.is_flushed(); }
  /// Everything that is queued now would be found by the next process, once the journal is synced.
  bool journal_has_all() noexcept { return scheduler_.has_all_events(); }
  void give_up_journal(const error_code& why) { scheduler_.give_up(why); }
  const journal_scheduler& journal() const noexcept { return scheduler_; }

  /// In memory and on disk.
  std::uint64_t queued_events() const noexcept {
    return queue_.usage().events + scheduler_.spilled().count();
  }
  const replay_queue& queue() const noexcept { return queue_; }
  const loss_ledger& losses() const noexcept { return ledger_; }
  const outbox_counters& counters() const noexcept { return counters_; }

  void link_up(time_point now) override;
  void link_down(time_point now) override;
  void route(std::span<const protocol::partition_id>, protocol::generation) override;
  std::optional<batch> next_batch(time_point now, link_demand) override;
  std::optional<time_point> wake_at(const lane_choice& = {}) const override;
  bool empty() const override { return queue_.empty() && scheduler_.spilled().empty(); }
  bool record(batch& wanted) override { return scheduler_.record(wanted); }
  void committed(batch&&, time_point now) override;
  void returned(batch&&) override;
  void refused(batch&&, const protocol::error_code& why, time_point now) override;

 private:
  // outbox_admission.cpp
  enum class room : std::uint8_t { there, soon, never };
  bool must_report(const new_event&) const noexcept;
  bool goes_to_tail(std::size_t payload_size) const noexcept;
  bool waits_for_memory(time_point now) const noexcept;
  room find_room(std::size_t payload_size, bool wants_report, time_point now) const noexcept;
  room drop_for(std::size_t payload_size, bool wants_report, time_point now);
  void make_room_for_refused(time_point now, bool closing);
  room take_place_of_oldest(std::size_t payload_size, bool wants_report, time_point now);
  offer_result overflow(const new_event&, time_point now, time_point waiting_since);
  offer_result admit(const new_event&, time_point now);
  void add(const new_event&, time_point now);
  offer_result refuse(loss_reason);
  void drop_until_it_fits(std::size_t payload_size);
  bool drop_oldest_of_memory(journal::sequence_set& gone);
  std::uint64_t drop_oldest(std::uint64_t events);
  void lose_from_tail(const journal::sequence_set&, loss_reason);

  void report_lost(const entry&, loss_reason);
  void report_durable();
  void report_committed(const entry&);

  outbox_limits limits_;
  delivery_reporter reporter_;
  replay_queue queue_;
  journal_scheduler scheduler_;
  batcher batcher_;
  progress_watch progress_;
  memory_headroom memory_;
  loss_ledger ledger_;
  outbox_counters counters_;
  refusal_visitor on_refusal_;
  bool paused_ = false;
  ack_waiters durable_waiters_;  // of events that are not known to be on disk
};

}  // namespace vibes::store
