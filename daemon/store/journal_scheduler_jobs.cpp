#include <algorithm>
#include <utility>

#include "daemon/base/assert.hpp"
#include "daemon/journal/journal_errc.hpp"
#include "daemon/store/journal_scheduler.hpp"

// The scheduler's jobs for the journal, and what comes of them.

namespace vibes::store {
namespace {

/// So many ranges of settled events are a job of their own at once.
constexpr std::size_t settled_ranges_max = 4'096;

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

bool has_recorded_events(const batch& of) {
  return std::ranges::all_of(of.entries, &entry::was_recorded);
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
  if (job_out_ || state_ == journal_state::off) return std::nullopt;
  if (!settled_.empty() && !settled_since_) settled_since_ = now;
  journal::journal_job job;
  if (state_ == journal_state::healthy) {
    job.records = std::move(spare_);
    refill(now);
    full_ = full_ && now < full_until_;
    if (!full_ || (closing && !closing_found_no_room_)) {
      add_records(job);
      add_batches(job);
    }
    if (closing && job.records.empty()) mark_returned(job);
    // What a stop read back would only be given up again.
    if (!closing) add_read(job);
    job.sync = job.sync || (closing && !job.records.empty());
  } else if (now >= open_at_ && !closing) {
    job.open = true;
  } else if (state_ == journal_state::failed && !closing && now >= read_at_) {
    add_read(job);
  }
  const bool has_work = job.open || job.read || !job.records.empty();
  // Before the first opening nothing of ours may be mixed with what the directory has.
  const bool releases =
      was_open_ && !settled_.empty() && (has_work || closing || releases_are_due(now));
  if (!has_work && !(releases && state_ == journal_state::healthy)) {
    spare_ = std::move(job.records);
    return std::nullopt;
  }
  if (releases) {
    job.settled = std::exchange(settled_, {});
    job.sync = job.sync || closing || settle_now_;
    settled_since_.reset();
    settle_now_ = false;
  }
  job.bytes_to_come = bytes_to_come();
  job_out_ = true;
  job_closes_ = closing;
  job_opens_ = job.open;
  job_since_ = now;
  job_bytes_ = job.records.size_bytes();
  ++counters_.jobs;
  return job;
}

bool journal_scheduler::releases_are_due(time_point now) const noexcept {
  return settle_now_ || settled_.ranges().size() >= settled_ranges_max ||
         (settled_since_ && now - *settled_since_ >= settings_.release_wait);
}

/// The oldest first: what is in memory, then the tail.
void journal_scheduler::add_records(journal::journal_job& job) {
  const std::size_t bytes_max = records_bytes_max();
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
  for (batch& each : unrecorded_batches_) {
    if (!has_recorded_events(each)) continue;
    job.records.add(record_of(each, queue_.generation()));
    job.sync = true;
    each.recorded = batch_recorded::maybe;
    batches_out_.push_back(std::exchange(each, {}));
  }
  std::erase_if(unrecorded_batches_, [](const batch& each) { return each.entries.empty(); });
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
  if (job_out_ || state_ == journal_state::off) return std::nullopt;
  if (state_ != journal_state::healthy) {
    const bool wants_read = spill_.front_on_disk() && memory_has_room();
    return wants_read && state_ == journal_state::failed ? std::min(open_at_, read_at_) : open_at_;
  }
  std::optional<time_point> earliest;
  if (settled_since_) earliest = *settled_since_ + settings_.release_wait;
  if (full_) earliest = earliest ? std::min(*earliest, full_until_) : full_until_;
  return earliest;
}

journal_scheduler::effects journal_scheduler::take(journal::journal_outcome&& outcome,
                                                   time_point now) {
  VIBES_ASSERT(job_out_ || outcome.unasked);
  effects made;
  usage_ = outcome.usage;
  durable_through_ = std::max(durable_through_, outcome.durable_through);
  if (!outcome.unasked) end_job(outcome);
  const bool worth_keeping = outcome.used.memory_bytes() <= 2 * settings_.job_bytes_max;
  if (worth_keeping && !outcome.unasked) spare_ = std::move(outcome.used);
  if (outcome.recovered) adopt(outcome, made, now);
  if (state_ == journal_state::off) return made;
  if (!outcome.is_open) {
    fail(outcome.write_error, now);
  } else {
    note_full(outcome, now);
  }
  if (!outcome.unasked) end_batches(outcome.is_open && !outcome.write_error);
  if (!outcome.lost.empty()) {
    // Those of them that memory has are written again.
    queue_.record_again(outcome.lost.first());
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
      last_error_ = outcome.read->error();
      last_error_at_ = now;
    }
  }
  refill(now);
  return made;
}

void journal_scheduler::end_job(const journal::journal_outcome& outcome) {
  job_out_ = false;
  const std::size_t bytes = std::exchange(job_bytes_, 0);
  if (bytes > 0 && !outcome.write_error) {
    reopen_wait_ = settings_.reopen_min;
    counters_.written_bytes += bytes;
  }
  jobs_done_ = counters_.jobs;
  spill_.handed_over_ends(outcome.unwritten);
}

void journal_scheduler::fail(const error_code& error, time_point now) {
  if (error) {
    last_error_ = error;
    last_error_at_ = now;
  }
  if (state_ == journal_state::healthy || std::exchange(job_opens_, false)) {
    open_at_ = now + reopen_wait_;
    reopen_wait_ = std::min(2 * reopen_wait_, settings_.reopen_max);
  }
  if (state_ == journal_state::healthy) {
    ++counters_.failures;
    queue_.record_again();
  }
  if (state_ == journal_state::opening) {
    ++counters_.failures;
    queue_.sequences_from(settings_.sequences_from);
    late_from_ = queue_.last_number() + 1;
  }
  state_ = journal_state::failed;
  full_ = false;
}

/// After no_room the rest is given again when something has changed, or after a while.
void journal_scheduler::note_full(const journal::journal_outcome& outcome, time_point now) {
  if (outcome.write_error) {
    last_error_ = outcome.write_error;
    last_error_at_ = now;
  }
  if (outcome.write_error && !outcome.unwritten.empty()) {
    if (outcome.unwritten.events() > 0) queue_.record_again(outcome.unwritten.lowest());
    full_ = true;
    if (job_closes_ && !std::exchange(closing_found_no_room_, true)) release_unwritten();
    full_until_ = now + settings_.full_wait;
    full_usage_ = outcome.usage;
    return;
  }
  if (!full_) return;
  const std::uint64_t enough = settings_.journal.segment_bytes / 2;
  full_ = usage_.bytes >= full_usage_.bytes &&
          usage_.live_bytes + enough > full_usage_.live_bytes && now < full_until_;
}

/// These are lost with this process, which says so. Between numbers that the journal knows they
/// would be missed again by the next one.
void journal_scheduler::release_unwritten() {
  journal::sequence_set unwritten;
  queue_.visit_unrecorded([&](const entry& each) {
    unwritten.add(each.sequence);
    return true;
  });
  settled_.unite(unwritten);
  settled_.unite(pending_in_spill());
}

/// They are sent now, recorded or not: a disk that fails is no reason to keep events from Iggy.
void journal_scheduler::end_batches(bool written) {
  for (batch& each : batches_out_) {
    if (written) each.recorded = batch_recorded::yes;
    if (written) ++counters_.recorded_batches;
    ready_batches_.push_back(std::move(each));
  }
  batches_out_.clear();
  if (state_ == journal_state::healthy && !full_) return;
  for (batch& each : unrecorded_batches_) ready_batches_.push_back(std::move(each));
  unrecorded_batches_.clear();
}

void journal_scheduler::take_page(const journal::backlog_events& page, effects& made,
                                  time_point now) {
  const std::optional<sequence_number> front = spill_.front_on_disk();
  if (!front) return;
  const sequence_number end = spill_.disk_end();
  const journal::sequence_set moved = move_to_memory(page.events.bytes(), end, true, now);
  counters_.read_back_events += moved.count();
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
  settled_.unite(lost);
  made.lost.unite(lost);
}

void journal_scheduler::give_up(const error_code& why) {
  last_error_ = why;
  state_ = journal_state::off;
  settled_.clear();
}

}  // namespace vibes::store
