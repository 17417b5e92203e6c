#include <algorithm>
#include <utility>

#include "daemon/base/assert.hpp"
#include "daemon/journal/journal_errc.hpp"
#include "daemon/store/journal_scheduler.hpp"

// The scheduler's jobs for the journal, and what comes of them.

namespace vibes::store {
namespace {

journal::event_record record_of(const entry& from) noexcept {
  return {from.sequence, from.id, from.session, from.origin_time_us, from.payload()};
}

journal::recorded_batch record_of(const batch& from, protocol::generation gen) {
  journal::recorded_batch made;
  made.partition = from.partition;
  made.generation = static_cast<std::uint8_t>(gen);
  if (from.producer) {
    made.producer_id = from.producer->producer_id;
    made.epoch = from.producer->epoch;
    made.base_sequence = from.producer->base_sequence;
  }
  for (const entry* each : from.entries) made.events.add(each->sequence);
  return made;
}

journal::sequence_set events_of(const journal::record_group& records) {
  journal::sequence_set found;
  journal::for_each_record(records.bytes(),
                           [&](const journal::record_header& header, protocol::const_bytes) {
                             if (header.kind == journal::record_kind::event)
                               found.add(header.sequence);
                           });
  return found;
}

/// A batch that was sent, and not only half of one that Iggy has refused. To come back as it was it
/// needs all its events on disk, and in their order.
bool can_be_marked(const batch& returned) {
  return returned.recorded != batch_recorded::yes && returned.attempts > 0 &&
         has_recorded_events(returned) &&
         std::ranges::is_sorted(returned.entries, {}, &entry::sequence);
}

}  // namespace

std::optional<journal::journal_job> journal_scheduler::next_job(time_point now, bool closing) {
  if (job_.is_out() || health_.is_off()) return std::nullopt;
  releases_.look_at(now);
  journal::journal_job job;
  give_work(job, now, closing);
  const bool has_work = job.open || job.read || !job.records.empty();
  const bool is_due = has_work || closing || space_.wants_releases() || releases_.is_due(now);
  // Before the first opening nothing of ours may be mixed with what the directory has.
  const bool releases = was_open_ && !releases_.empty() && is_due;
  if (!has_work && !(releases && health_.is_healthy())) {
    job_.keep_spare(std::move(job.records));
    return std::nullopt;
  }
  if (releases) {
    job.sync = job.sync || closing || space_.wants_releases() || releases_.is_urgent();
    job.settled = releases_.take();
  }
  job.bytes_to_come = bytes_to_come();
  job_.begins(job, closing, now);
  space_.job_begins(releases);
  ++status_.counters.jobs;
  return job;
}

/// All but releases.
void journal_scheduler::give_work(journal::journal_job& job, time_point now, bool closing) {
  if (health_.is_healthy()) {
    job.records = job_.take_spare();
    refill(now);
    if (space_.may_write(now, closing)) {
      add_records(job);
      add_batches(job);
    }
    if (closing && job.records.empty()) mark_returned(job);
    // What a stop read back would only be given up again.
    if (!closing) add_read(job);
    job.sync = job.sync || (closing && !job.records.empty());
  } else if (now >= health_.open_at() && !closing) {
    job.open = true;
  } else if (health_.state() == journal_state::failed && !closing && now >= read_at_) {
    add_read(job);
  }
}

/// The oldest first: what is in memory, then the tail.
void journal_scheduler::add_records(journal::journal_job& job) {
  const std::size_t bytes_max = space_.job_bytes_max();
  while (entry* const next = queue_.first_unrecorded()) {
    const std::size_t bytes = journal::event_overhead_bytes + next->payload_size;
    if (!job.records.empty() && job.records.size_bytes() + bytes > bytes_max) return;
    if (!job.records.empty() && next->sequence < job.records.highest()) return;
    job.records.add(record_of(*next));
    next->was_recorded = true;
  }
  if (spill_.has_pending()) spill_.hand_over(job.records, bytes_max);
}

/// Behind their events, so that a batch in the journal is a whole one.
void journal_scheduler::add_batches(journal::journal_job& job) {
  batches_.hand_over([&](const batch& each) {
    job.records.add(record_of(each, queue_.generation()));
    job.sync = true;
  });
}

/// The last that a stop writes, behind all events: what Iggy may have. The next process sends it
/// again as it was, and lets nobody drop it.
void journal_scheduler::mark_returned(journal::journal_job& job) {
  if (std::exchange(marked_returned_, true)) return;
  queue_.for_each_returned([&](const batch& each) {
    if (can_be_marked(each)) job.records.add(record_of(each, queue_.generation()));
  });
}

void journal_scheduler::add_read(journal::journal_job& job) const {
  const std::optional<sequence_number> front = spill_.front_on_disk();
  if (front && memory_has_room()) job.read = {*front, spill_.limits().page};
}

std::optional<time_point> journal_scheduler::wake_at() const {
  if (job_.is_out() || health_.is_off()) return std::nullopt;
  if (!health_.is_healthy()) {
    const time_point open_at = health_.open_at();
    const bool wants_read = spill_.front_on_disk() && memory_has_room();
    return wants_read && health_.state() == journal_state::failed ? std::min(open_at, read_at_)
                                                                  : open_at;
  }
  const std::optional<time_point> due = releases_.due_at();
  const std::optional<time_point> retry = space_.try_at();
  return due && retry ? std::min(*due, *retry) : due ? due : retry;
}

journal_scheduler::effects journal_scheduler::take(journal::journal_outcome&& outcome,
                                                   time_point now) {
  VIBES_ASSERT(job_.is_out() || outcome.unasked);
  effects made;
  space_.update(outcome.usage);
  status_.durable_through = std::max(status_.durable_through, outcome.durable_through);
  if (!outcome.unasked) end_job(outcome);
  const bool worth_keeping = outcome.used.memory_bytes() <= 2 * settings_.job_bytes_max;
  if (worth_keeping && !outcome.unasked) job_.keep_spare(std::move(outcome.used));
  if (outcome.recovered) adopt(outcome, made, now);
  if (health_.is_off()) return made;
  if (!outcome.is_open) {
    fail(outcome.write_error, now);
  } else {
    note_full(outcome, now);
  }
  if (!outcome.unasked) end_batches(outcome.is_open && !outcome.write_error);
  if (!outcome.lost.empty()) {
    // Those of them that memory has are written again.
    queue_.record_again(outcome.lost);
    journal::sequence_set lost = outcome.lost.intersection(spill_.events());
    if (spill_.disk_end() < journal::sequence_max) {
      lost.subtract(journal::sequence_set({spill_.disk_end(), journal::sequence_max}));
    }
    lose(lost, made);
  }
  if (outcome.read) {
    read_at_ = now + settings_.read_wait;
    if (*outcome.read) {
      take_page(**outcome.read, made, now);
    } else {
      health_.note_error(outcome.read->error(), now);
    }
  }
  refill(now);
  return made;
}

void journal_scheduler::end_job(const journal::journal_outcome& outcome) {
  const std::size_t bytes = job_.ends();
  if (bytes > 0 && !outcome.write_error) {
    health_.wrote();
    status_.counters.written_bytes += bytes;
  }
  space_.job_ends();
  spill_.handed_over_ends(outcome.unwritten);
}

void journal_scheduler::fail(const error_code& error, time_point now) {
  const bool ends_attempt = !health_.is_healthy() && job_.take_attempt();
  const journal_state before = health_.failed(error, ends_attempt, now);
  if (before != journal_state::failed) ++status_.counters.failures;
  if (before == journal_state::healthy) queue_.record_again();
  if (before == journal_state::opening) {
    queue_.sequences_from(settings_.sequences_from);
    late_from_ = queue_.last_number() + 1;
  }
  space_.disk_failed();
}

/// After no_room the rest is given again when something has changed, or after a while.
void journal_scheduler::note_full(const journal::journal_outcome& outcome, time_point now) {
  if (outcome.write_error) health_.note_error(outcome.write_error, now);
  if (!outcome.write_error || outcome.unwritten.empty()) return space_.reconsider(now);
  queue_.record_again(events_of(outcome.unwritten));
  if (space_.refused(job_.is_closing(), now)) release_unwritten();
}

/// These are lost with this process, which says so. Between numbers that the journal knows they
/// would be missed again by the next one.
void journal_scheduler::release_unwritten() {
  journal::sequence_set unwritten;
  queue_.visit_unrecorded([&](const entry& each) {
    unwritten.add(each.sequence);
    return true;
  });
  releases_.add(unwritten);
  releases_.add(spill_.pending());
}

void journal_scheduler::end_batches(bool written) {
  status_.counters.recorded_batches += batches_.job_ends(written);
  if (!health_.is_healthy() || space_.is_full()) batches_.stop_waiting();
}

void journal_scheduler::take_page(const journal::backlog_events& page, effects& made,
                                  time_point now) {
  const std::optional<sequence_number> front = spill_.front_on_disk();
  if (!front) return;
  const sequence_number end = spill_.disk_end();
  const journal::sequence_set moved = move_to_memory(page.events.bytes(), end, true, now);
  status_.counters.read_back_events += moved.count();
  // What the page has passed over is not on the disk any more.
  sequence_number passed = std::min(page.at_end ? end : page.next, end);
  journal::for_each_record(page.events.bytes(),
                           [&](const journal::record_header& header, protocol::const_bytes) {
                             if (spill_.events().contains(header.sequence))
                               passed = std::min(passed, header.sequence);
                           });
  if (passed > *front)
    lose(spill_.events().intersection(journal::sequence_set({*front, passed - 1})), made);
  if (!spill_.empty() && queue_.held_events() > 0 &&
      queue_.held_events() == queue_.usage().events && !memory_has_room()) {
    queue_.expect_no_more(journal::sequence_set({1, journal::sequence_max}));
  }
}

void journal_scheduler::lose(const journal::sequence_set& lost, effects& made) {
  if (lost.empty()) return;
  spill_.remove(lost);
  sent_.subtract(lost);
  queue_.expect_no_more(lost);
  releases_.add(lost);
  made.lost.unite(lost);
}

void journal_scheduler::give_up(const error_code& why) {
  health_.give_up(why);
  releases_.forget();
}

}  // namespace vibes::store
