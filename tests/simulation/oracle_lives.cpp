#include "tests/simulation/oracle.hpp"

#include <algorithm>

// What lives of the process, and the topic in the end, are held to.

namespace vibes::simulation {
namespace {

/// Of a producer in a partition, by 0.10 (docs/wire.md, "Producer section").
constexpr std::uint64_t batches_remembered = 5;

bool sums_up(const store::outbox& box) {
  const store::outbox_counters& counted = box.counters();
  return counted.received_events + box.journal().status().counters.recovered_events ==
         counted.committed_events + box.queued_events() + box.losses().total() +
             counted.left_on_disk_events;
}

std::uint64_t nameless(const store::loss_ledger& of) {
  return of.of(store::loss_reason::overflow_drop_oldest) +
         of.of(store::loss_reason::dropped_by_operator) + of.of(store::loss_reason::journal_damage);
}

}  // namespace

void oracle::job_begins() {
  committed_before_job_ = committed_.size();
}

void oracle::job_ended(const journal::journal_outcome& outcome, bool synced) {
  if (outcome.write_error || !outcome.is_open || outcome.usage.unwritten_releases > 0) return;
  const auto end = committed_.begin() + static_cast<std::ptrdiff_t>(committed_before_job_);
  for (auto each = committed_.begin(); each != end; ++each) {
    events_[*each - 1].released = true;
    if (!synced) released_.push_back(*each);
  }
  committed_.erase(committed_.begin(), end);
  committed_before_job_ = 0;
}

void oracle::life_ended(const store::outbox& box, bool power_lost, bool releases_on_disk) {
  on_.say("a life ends: " + sum_text(box));
  nameless_losses_ += nameless(box.losses());
  recovered_ += box.journal().status().counters.recovered_events;
  if (power_lost) {
    for (const std::uint64_t each : released_) events_[each - 1].released = false;
    released_.clear();
  }
  open_sequences_.reset();
  if (!power_lost && releases_on_disk) note_open_numbers(box);
  committed_.clear();
  committed_before_job_ = 0;
  left_behind_.reset();
}

void oracle::note_open_numbers(const store::outbox& box) {
  const store::journal_scheduler& scheduler = box.journal();
  const auto& status = scheduler.status();
  const bool disk_is_well = scheduler.health().is_healthy() && status.counters.failures == 0 &&
                            status.recovery && !scheduler.space().usage().is_missing_releases;
  if (!disk_is_well) return;
  open_sequences_ = scheduler.spilled().events();
  box.queue().for_each([this](const store::entry& each) { open_sequences_->add(each.sequence); });
  open_sequences_->unite(status.recovery->lost);
}

void oracle::stopped(const store::left_behind& left, bool journal_is_well) {
  if (journal_is_well) left_behind_ = left.events_on_disk;
}

void oracle::opened(const store::outbox& box) {
  on_.say("the journal is open: " + sum_text(box));
  const std::uint64_t found = box.journal().status().counters.recovered_events;
  if (left_behind_ && found != *left_behind_) {
    throw broken_promise("a start finds " + std::to_string(found) + " of " +
                         std::to_string(*left_behind_) + " events that a stop has left");
  }
  left_behind_.reset();
  if (!open_sequences_) return;
  journal::sequence_set missed = box.journal().status().recovery->lost;
  if (box.journal().status().recovery->read_errors > 0) return;
  missed.subtract(*open_sequences_);
  if (!missed.empty()) throw broken_promise("what was settled counts as lost at the next start");
}

void oracle::stored(const stored_message& message) {
  const std::uint64_t number = number_of(message.record);
  event& of = at(number);
  if (!of.is_event) fail(number, "a refused line is on the server");
  if (of.is_poison) fail(number, "is stored, and would be refused");
  watch(number, "comes to the server");
  if (!message.record.ends_with(text_of(number))) fail(number, "is stored with other bytes");
  if (of.life == 0) fail(number, "is stored, and was never admitted");
  if (of.turned_away) fail(number, "is stored, and was turned away");
  if (of.dropped_in > 0 && of.dropped_in == life_of_connection(message.connection)) {
    fail(number, "is stored, and was dropped in this life");
  }
  std::uint64_t id[2];
  std::memcpy(id, message.id.data(), sizeof id);
  if (of.stored == 0) {
    std::uint64_t& newest = newest_[{of.connection, of.session}];
    if (number < newest && !may_come_back(of)) {
      fail(number, "comes behind event " + std::to_string(newest));
    }
    newest = std::max(newest, number);
  } else {
    if (std::memcmp(id, of.id, sizeof id) != 0) fail(number, "has another id the second time");
    check_repeat(number, of, message);
    ++repeated_;
  }
  std::memcpy(of.id, id, sizeof id);
  watch(number, ("is stored, partition " + std::to_string(message.partition) + " by connection " +
                 std::to_string(message.connection))
                    .c_str());
  ++of.stored;
  of.stored_in = message.incarnation;
  of.stored_batch = message.batch;
  of.stored_by = message.connection;
  of.stored_life = life_of_connection(message.connection);
}

/// What was dropped is found again by a later process when the disk did not take its release.
/// Silent producers hear nothing of that.
bool oracle::may_come_back(const event& of) const {
  return of.lost || (of.life != life_ && nameless_losses_ > 0);
}

/// What a process has sent may arrive when the next one has begun.
unsigned oracle::life_of_connection(std::uint64_t serial) const {
  unsigned life = life_;
  while (life > 1 && serial < connection_first_[life - 1]) --life;
  return life;
}

void oracle::check_repeat(std::uint64_t number, const event& before,
                          const stored_message& message) const {
  if (before.stored_in != message.incarnation) return;
  if (before.stored_by == message.connection) fail(number, "is stored twice by one connection");
  // A refusal begins a new epoch, behind which the server knows none of the batches before.
  const bool forgets = restart_repeats_ || options_.may.refuses_events;
  const bool same_life = before.stored_life == life_of_connection(message.connection);
  // It deduplicates within a partition, and a new process may choose another one.
  if (options_.server.deduplicate && (same_life || !restart_repeats_))
    fail(number, "is stored twice where the server deduplicates");
  const bool known = options_.server.speaks == broker::generation::iggy_0_10 &&
                     options_.link.producer_identity && exactly_once_;
  const bool remembers = message.batch <= before.stored_batch + batches_remembered;
  if (known && remembers &&
      (same_life || (options_.has_journal && !before.unrecorded && !forgets))) {
    fail(number, "is stored twice, though the server knows its producer");
  }
}

void oracle::check(const store::outbox& box) const {
  if (!sums_up(box)) throw broken_promise("the ledger does not add up: " + sum_text(box));
  const journal::journal_usage& disk = box.journal().space().usage();
  if (disk.bytes > disk.bytes_cap) throw broken_promise("the disk's byte cap");
  const auto& usage = box.queue().usage();
  if (usage.bytes > options_.outbox.queue.bytes_max) throw broken_promise("memory's byte cap");
  if (usage.events > options_.outbox.queue.events_max) throw broken_promise("memory's event cap");
}

void oracle::check_all(const store::outbox& box) const {
  std::uint64_t promised = nameless_losses_ + nameless(box.losses());
  std::uint64_t here = box.losses().total();
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const event& of = events_[i];
    if (!of.is_event || of.life == 0 || of.stored > 0 || of.refused) continue;
    if (of.life == life_ && here-- == 0) fail(i + 1, "is neither stored nor counted as lost");
    // Numbers that could not be read at a start may be given out again.
    if (options_.may.unreadable_disk) continue;
    if (of.durable && !of.lost && promised-- == 0) fail(i + 1, "was durable, and is gone");
  }
}

oracle::totals oracle::counted() const {
  totals all;
  for (const event& of : events_) {
    all.events += of.is_event ? 1 : 0;
    all.stored += of.stored > 0 ? 1 : 0;
    all.durable += of.durable ? 1 : 0;
    all.committed += of.committed_in > 0 ? 1 : 0;
    all.lost += of.lost ? 1 : 0;
    all.refused += of.refused ? 1 : 0;
  }
  all.repeated = repeated_;
  all.lives = life_;
  all.recovered = recovered_;
  return all;
}

oracle::totals& oracle::totals::operator+=(const totals& more) {
  events += more.events;
  stored += more.stored;
  repeated += more.repeated;
  durable += more.durable;
  committed += more.committed;
  lost += more.lost;
  refused += more.refused;
  lives += more.lives;
  recovered += more.recovered;
  return *this;
}

}  // namespace vibes::simulation
