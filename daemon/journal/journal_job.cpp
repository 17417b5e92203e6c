#include "daemon/journal/journal_job.hpp"

#include "daemon/journal/journal_errc.hpp"

namespace vibes::journal {

journal_outcome journal_worker::execute(journal_job&& job, time_point now,
                                        std::uint64_t created_us) {
  journal_outcome outcome;
  if (job.peek) {
    outcome.peeked = journal_.peek(job.peek->from, job.peek->limits);
    return outcome;
  }
  if (job.note) {
    outcome.noted = journal_.write_note(*job.note);
    return outcome;
  }
  const bool wrote = !job.records.empty() || !job.settled.empty();
  if (job.open && !journal_.is_open()) {
    result<recovery_report> opened = journal_.open();
    if (opened) {
      outcome.recovered = std::move(*opened);
      outcome.next_sequence = journal_.next_sequence();
      outcome.batches = journal_.batches();
      outcome.live = journal_.live();
      outcome.oldest_us = oldest_time_us();
      outcome.note = journal_.read_note();
    } else {
      outcome.write_error = opened.error();
    }
  }
  journal_.expect_bytes(job.bytes_to_come);
  const error_code write_error = write(job, created_us);
  if (!outcome.write_error) outcome.write_error = write_error;
  if (must_sync(job, wrote, now)) {
    sync_at_.reset();
    const error_code sync_error = journal_.is_open() ? journal_.sync(created_us) : error_code();
    if (!outcome.write_error) outcome.write_error = sync_error;
  }
  if (outcome.write_error) {
    outcome.unwritten = std::move(job.records);
  } else {
    job.records.clear();
    outcome.used = std::move(job.records);
  }
  if (job.read) outcome.read = journal_.read(job.read->from, job.read->limits);
  outcome.is_open = journal_.is_open();
  if (journal_.policy() == sync_policy::every_group)
    outcome.durable_through = journal_.durable_through();
  outcome.lost = journal_.take_lost();
  outcome.usage = journal_.usage();
  return outcome;
}

/// When the oldest event that can be read was taken; 0 when there is none.
std::uint64_t journal_worker::oldest_time_us() {
  const result<backlog_events> first = journal_.peek(1, {1, 1});
  if (!first || first->events.empty()) return 0;
  return decode_event(first->events.bytes())->origin_time_us;
}

/// Goes on after no_room: the parts do not need each other.
error_code journal_worker::write(journal_job& job, std::uint64_t created_us) {
  error_code first = journal_.release(job.settled, created_us);
  if (!job.records.empty()) {
    // It takes out what is stored already, and leaves the rest as it is.
    const error_code error = journal_.append(std::move(job.records), created_us);
    if (!first) first = error;
  }
  return first;
}

bool journal_worker::must_sync(const journal_job& job, bool wrote, time_point now) noexcept {
  if (job.sync) return true;
  // Under `never` the journal takes what was written for synced, at no cost.
  if (journal_.policy() != sync_policy::interval) return wrote;
  if (wrote && !sync_at_) sync_at_ = now + sync_interval_;
  return sync_at_ && *sync_at_ <= now;
}

}  // namespace vibes::journal
