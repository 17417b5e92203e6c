#include "tests/unit/journal/journal_model.hpp"

#include <algorithm>

namespace vibes::test {

/// Of a size and content that depend on the event alone; now and then larger than a segment.
std::string journal_model::payload_of(std::uint64_t sequence) const {
  const auto found = events_.find(sequence);
  const auto gone = released_.find(sequence);
  demand(found != events_.end() || gone != released_.end(),
         "event " + std::to_string(sequence) + " was never there, or is settled for good");
  std::mt19937_64 random(found != events_.end() ? found->second : gone->second);
  const std::size_t size = random() % 97 == 0 ? 2'500 : random() % 120;
  std::string payload(size, 'a');
  for (char& each : payload) each = static_cast<char>('a' + random() % 26);
  return payload;
}

std::uint64_t journal_model::push() {
  events_[next_] = ++salt_;
  return next_++;
}

void journal_model::stored(std::uint64_t first, std::uint64_t last) {
  for (auto each = events_.lower_bound(first); each != events_.end() && each->first <= last;
       ++each) {
    stored_.insert(each->first);
  }
}

void journal_model::released(const journal::sequence_set& settled) {
  for (const journal::sequence_range& range : settled.ranges()) {
    for (std::uint64_t each = range.first; each <= range.last; ++each) {
      released_.insert(events_.extract(each));
      if (stored_.contains(each)) released_stored_.add(each);
      durable_.erase(each);
      stored_.erase(each);
    }
  }
}

void journal_model::batch_written(const journal::recorded_batch& record, bool surely) {
  batches_.push_back({record, surely, false});
}

void journal_model::synced(bool releases_written) {
  durable_ = stored_;
  for (written_batch& each : batches_) each.durable = each.surely_written;
  if (!releases_written) return;
  for (const auto& [sequence, salt] : released_) durably_released_.add(sequence);
  released_.clear();
}

void journal_model::journal_failed() {
  stored_ = durable_;
}

/// Reading gives each live event once, in order, byte for byte.
std::vector<read_event> journal_model::read_and_check(journal::journal& from,
                                                      bool released_may_come_back) const {
  std::vector<read_event> found = read_all(from);
  std::uint64_t before = 0;
  for (const read_event& each : found) {
    const std::string name = "event " + std::to_string(each.sequence);
    demand(each.sequence > before, name + " is out of order or there twice");
    before = each.sequence;
    demand(!durably_released_.contains(each.sequence), name + " came back though it was released");
    demand(released_may_come_back || events_.contains(each.sequence), name + " is settled");
    demand(each == expected_event(each.sequence, payload_of(each.sequence)),
           name + " has other content");
  }
  return found;
}

void journal_model::check_durable(const std::set<std::uint64_t>& found,
                                  std::uint64_t through) const {
  for (const std::uint64_t each : durable_) {
    demand(found.contains(each), "event " + std::to_string(each) + " was durable and is lost");
  }
  for (const auto& [sequence, salt] : events_) {
    if (sequence > through) break;
    demand(found.contains(sequence), "event " + std::to_string(sequence) +
                                         " was called durable through " + std::to_string(through) +
                                         " and is lost");
  }
}

void journal_model::check_batches(const journal::journal& of, const std::set<std::uint64_t>& found,
                                  bool kept_all) {
  for (const journal::open_batch& each : of.batches()) {
    const bool was_written = std::ranges::any_of(
        batches_, [&](const written_batch& written) { return written.record == each.record; });
    demand(was_written, "a batch that was never written");
    ++batches_found_;
  }
  for (auto each = batches_.begin(); each != batches_.end(); ++each) {
    if (!each->durable && !(kept_all && each->surely_written)) continue;
    const bool was_replaced = std::any_of(each + 1, batches_.end(), [&](const auto& later) {
      return later.record.events.intersects(each->record.events);
    });
    const bool is_wanted =
        std::ranges::any_of(each->record.events.ranges(), [&](const auto& range) {
          const auto at = found.lower_bound(range.first);
          return at != found.end() && *at <= range.last;
        });
    if (was_replaced || !is_wanted || each->record.dissolved) continue;
    const bool is_there = std::ranges::any_of(
        of.batches(), [&](const journal::open_batch& open) { return open.record == each->record; });
    demand(is_there, "a batch is not formed again");
  }
}

/// Sequences from here on are given out anew: nothing of them had reached the disk.
void journal_model::forget_from(std::uint64_t sequence) {
  events_.erase(events_.lower_bound(sequence), events_.end());
  released_.erase(released_.lower_bound(sequence), released_.end());
  demand(durably_released_.empty() || durably_released_.last() < sequence,
         "the next sequence was used before");
  next_ = sequence;
}

/// What was settled is not lost.
void journal_model::check_lost(const journal::sequence_set& lost, bool kept_all) const {
  demand(!lost.intersects(durably_released_), "what was released durably counts as lost");
  // A number that never stood in the journal is missed when its release is.
  demand(!kept_all || !lost.intersects(released_stored_), "what was released counts as lost");
}

/// What a start does not find never comes back.
void journal_model::settle_for_good(const journal::sequence_set& lost) {
  for (const auto& [sequence, salt] : released_) {
    if (!lost.contains(sequence)) durably_released_.add(sequence);
  }
  released_.clear();
  released_stored_ = {};
}

void journal_model::restarted(journal::journal& with, const journal::sequence_set& lost,
                              std::uint64_t through, bool kept_all) {
  const std::vector<read_event> events = read_and_check(with, true);
  const std::vector<std::uint64_t> sequences = sequences_in(events);
  const std::set<std::uint64_t> found(sequences.begin(), sequences.end());
  check_durable(found, through);
  if (kept_all) {
    for (const std::uint64_t each : stored_) demand(found.contains(each), "a stored event is lost");
  }
  check_lost(lost, kept_all);
  check_batches(with, found, kept_all);

  // The queue has now what the journal has.
  for (const std::uint64_t each : found) {
    if (released_.contains(each)) {
      events_.insert(released_.extract(each));
      ++came_back_;
    }
  }
  std::erase_if(events_, [&](const auto& each) { return !found.contains(each.first); });
  forget_from(with.next_sequence());
  settle_for_good(lost);
  stored_ = found;
  durable_.clear();
  std::vector<written_batch> open;
  for (const journal::open_batch& each : with.batches()) open.push_back({each.record, true, false});
  batches_ = std::move(open);
}

void journal_model::reopened(journal::journal& with, std::uint64_t through) const {
  const std::vector<std::uint64_t> sequences = sequences_in(read_and_check(with, false));
  check_durable({sequences.begin(), sequences.end()}, through);
}

void journal_model::compare(journal::journal& with) const {
  const std::vector<std::uint64_t> found = sequences_in(read_and_check(with, false));
  demand(std::ranges::includes(found, stored_), "what was stored is not live");
}

}  // namespace vibes::test
