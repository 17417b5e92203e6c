#include "tests/unit/store/scheduler_simulation.hpp"

#include <algorithm>

namespace vibes::test {
namespace {

constexpr std::uint64_t wall_clock_us = 1'700'000'000'000'000;

}  // namespace

scheduler_simulation::scheduler_simulation(simulation_rules with) : rules(with) {}

/// What the daemon has said so far binds its later lives.
void scheduler_simulation::note_promises() {
  for (const auto& [line, id] : by_line_) {
    told_event& event = events_.at(id);
    const std::string fate = reports->of_line(line);
    if (fate != "" && fate != "committed") event.lost = true;
    event.promised = event.promised || reports->is_durable(line);
  }
}

offer_verdict scheduler_simulation::offer(unsigned session, level wanted, std::size_t filler) {
  std::string payload = "{\"n\":" + std::to_string(next_id_) + std::string(filler, ' ') + "}";
  store::new_event event;
  event.id = {1, next_id_};
  event.session = session;
  event.origin_time_us = next_id_;
  event.payload = payload;
  event.line = next_line_;
  if (wanted != level::silent) event.producer = {0, 0};
  event.ack_wanted = wanted == level::committed;
  event.durable_wanted = wanted == level::durable;
  const auto result = box->offer(event, now, now);
  if (result.verdict != offer_verdict::accepted) return result.verdict;
  events_[next_id_] = {session, life_, next_line_, wanted, false, false, 0};
  if (wanted != level::silent) by_line_[next_line_] = next_id_;
  ++next_line_;
  ++next_id_;
  return result.verdict;
}

void scheduler_simulation::drop(store::sequence_number last, std::uint64_t events_max) {
  const std::uint64_t before = box->queued_events();
  const std::uint64_t dropped = box->drop_up_to(last, events_max);
  promise(dropped <= events_max && box->queued_events() + dropped == before, "what was dropped");
}

bool scheduler_simulation::take_job(bool closing) {
  if (job_) return false;
  job_ = box->next_journal_job(now, closing);
  return job_.has_value();
}

void scheduler_simulation::do_job() {
  journal::journal_job job = std::move(*job_);
  job_.reset();
  box->journal_done(worker_->execute(std::move(job), now, wall_clock_us), now);
  disk_has_failed_ = disk_has_failed_ || box->journal().status().counters.failures > 0;
}

result<journal::backlog_events> scheduler_simulation::peek(
    const journal::journal_job::read_request& wanted) {
  if (job_) do_job();
  journal::journal_job job;
  job.peek = wanted;
  return *worker_->execute(std::move(job), now, wall_clock_us).peeked;
}

void scheduler_simulation::work() {
  if (job_) do_job();
  while (take_job()) do_job();
}

void scheduler_simulation::pass(duration time) {
  now += time;
  if (!worker_ || !worker_->sync_at() || *worker_->sync_at() > now) return;
  journal::journal_outcome outcome = worker_->execute({}, now, wall_clock_us);
  outcome.unasked = true;
  box->journal_done(std::move(outcome), now);
}

void scheduler_simulation::link_up() {
  up_ = true;
  box->link_up(now);
  box->route(partitions(3), rules.generation);
}

void scheduler_simulation::link_down() {
  for (store::batch& each : sends_) box->returned(std::move(each));
  sends_.clear();
  up_ = false;
  box->link_down(now);
}

bool scheduler_simulation::send() {
  std::optional<store::batch> next = box->next_batch(now, {true, true});
  if (!next) return false;
  if (rules.has_producers()) {
    if (!next->producer) {
      next->producer = identity_->stamp(next->partition, next->entries.size());
      next->recorded = store::batch_recorded::no;
    }
    if (next->recorded != store::batch_recorded::yes && box->record(*next)) return true;
  }
  sends_.push_back(std::move(*next));
  return true;
}

scheduler_simulation::ids scheduler_simulation::ids_of(const store::batch& of) {
  ids found;
  for (const store::entry* each : of.entries) found.push_back(each->id.low);
  return found;
}

/// A server does not refuse what it has.
bool scheduler_simulation::was_stored(const store::batch& sent) const {
  return std::ranges::any_of(
      sent.entries, [&](const store::entry* each) { return events_.at(each->id.low).stored > 0; });
}

void scheduler_simulation::store(const store::batch& sent) {
  const ids all = ids_of(sent);
  if (rules.has_producers()) {
    const protocol::producer_stamp& stamp = *sent.producer;
    const auto [at, is_new] = seen_.emplace(
        std::tuple(sent.partition, stamp.producer_id, stamp.epoch, stamp.base_sequence), all);
    promise(at->second == all, "a producer's batch comes again with other events");
    if (!is_new) {
      ++recognised;
      return;
    }
  }
  for (const std::uint64_t id : all) {
    if (++events_.at(id).stored > 1) ++stored_twice;
  }
}

void scheduler_simulation::note_commit(const store::batch& done) {
  for (const std::uint64_t id : ids_of(done)) {
    const told_event& event = events_.at(id);
    std::uint64_t& newest = newest_[{event.session, event.life}];
    promise(newest < id, "a session's events come out of order");
    newest = id;
    unsigned& life = newest_life_[event.session];
    promise(was_late_ || life <= event.life, "an event of before the restart comes behind");
    life = std::max(life, event.life);
  }
}

void scheduler_simulation::answer_with(answer what, std::mt19937_64& random) {
  const auto at = sends_.begin() + static_cast<std::ptrdiff_t>(random() % sends_.size());
  store::batch sent = std::move(*at);
  sends_.erase(at);
  if (what == answer::refused && was_stored(sent)) what = answer::stored;
  switch (what) {
    case answer::stored:
      store(sent);
      note_commit(sent);
      box->committed(std::move(sent), now);
      break;
    case answer::stored_but_lost:
      store(sent);
      box->returned(std::move(sent));
      break;
    case answer::not_stored: box->returned(std::move(sent)); break;
    case answer::refused:
      if (sent.entries.size() == 1) events_.at(sent.entries.front()->id.low).lost = true;
      // As the link does.
      if (sent.attempts > 1 || sent.recorded != store::batch_recorded::no) {
        identity_->begin_epoch(sent.partition, random());
      } else if (sent.producer) {
        identity_->take_back(sent.partition, *sent.producer);
      }
      sent.producer.reset();
      box->refused(std::move(sent), {}, now);
      break;
  }
}

void scheduler_simulation::drain() {
  disk.no_faults();
  disk.set_capacity(~std::uint64_t{0});
  std::mt19937_64 any(1);
  if (!up_) link_up();
  const auto is_done = [this] {
    return box->empty() && !job_ && box->journal().health().is_healthy();
  };
  for (int i = 0; i < 100'000 && !is_done(); ++i) {
    work();
    while (send()) {
    }
    while (!sends_.empty()) answer_with(answer::stored, any);
    pass(20ms);
    check();
  }
  promise(is_done(), "not everything can be sent");
}

void scheduler_simulation::check() const {
  promise(sums_up(*box), "the ledger's sum");
  promise(box->queue().usage().bytes <= rules.queue.bytes_max, "memory's byte cap");
  promise(box->queue().usage().events <= rules.queue.events_max, "memory's event cap");
}

void scheduler_simulation::check_promises() const {
  // Of an event of an earlier life nobody is told that it was dropped: the ledger knows the number.
  std::uint64_t counted = unreported_losses_ + losses_without_name();
  for (const auto& [id, event] : events_) {
    if (!event.promised || event.lost || event.stored > 0) continue;
    promise(counted-- > 0, "durable event " + std::to_string(id) + " is gone");
  }
}

scheduler_simulation::happenings scheduler_simulation::happened() const {
  happenings all = before_;
  if (!box) return all;
  const store::scheduler_counters& of = box->journal().status().counters;
  all.recovered += of.recovered_events;
  all.spilled += of.spilled_events;
  all.read_back += of.read_back_events;
  all.recorded_batches += of.recorded_batches;
  all.failures += of.failures;
  all.promises += reports->durable_count();
  all.dropped += box->losses().of(store::loss_reason::overflow_drop_oldest);
  all.operator_drops += box->losses().of(store::loss_reason::dropped_by_operator);
  all.damaged += box->losses().of(store::loss_reason::journal_damage);
  return all;
}

std::uint64_t scheduler_simulation::losses_without_name() const {
  return box->losses().of(store::loss_reason::overflow_drop_oldest) +
         box->losses().of(store::loss_reason::dropped_by_operator);
}

}  // namespace vibes::test
