#pragma once

#include <set>
#include <stdexcept>

#include "tests/unit/journal/journal_support.hpp"

namespace vibes::test {

/// The journal under test did something else than the model.
struct journal_mismatch : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void demand(bool holds, const std::string& what) {
  if (!holds) throw journal_mismatch(what);
}

/// What a queue that uses the journal knows, in plain containers: which events it has, and what it
/// was promised about them.
class journal_model {
 public:
  explicit journal_model(std::uint64_t salt) : salt_(salt) {}

  std::string payload_of(std::uint64_t sequence) const;

  // What the queue does.
  std::uint64_t push();  // a new event; gives its sequence
  void stored(std::uint64_t first, std::uint64_t last);
  void released(const journal::sequence_set&);
  /// Not surely when the journal failed while writing it.
  void batch_written(const journal::recorded_batch&, bool surely);
  /// A sync succeeded; `releases_written` tells whether the journal has no release left to write.
  void synced(bool releases_written);
  void journal_failed();

  /// Events that are neither settled nor lost.
  const std::map<std::uint64_t, std::uint64_t>& events() const { return events_; }
  bool is_stored(std::uint64_t sequence) const { return stored_.contains(sequence); }

  /// Compares a journal that was opened again, and goes on with what it has. `lost` is what it
  /// counts as lost, `through` is what it had called durable; `kept_all` when no machine has
  /// stopped in between and no segment had to go before what it held was settled on disk.
  void restarted(journal::journal&, const journal::sequence_set& lost, std::uint64_t through,
                 bool kept_all);
  /// Compares a journal that failed and was opened again.
  void reopened(journal::journal&, std::uint64_t through) const;
  /// Compares what can be read now, in an open journal.
  void compare(journal::journal&) const;

  std::size_t batches_found() const { return batches_found_; }
  std::size_t came_back() const { return came_back_; }

 private:
  struct written_batch {
    journal::recorded_batch record;
    bool surely_written = true;
    bool durable = false;
  };

  std::vector<read_event> read_and_check(journal::journal&, bool released_may_come_back) const;
  void check_durable(const std::set<std::uint64_t>& found, std::uint64_t through) const;
  void check_batches(const journal::journal&, const std::set<std::uint64_t>& found, bool kept_all);
  void check_lost(const journal::sequence_set& lost, bool kept_all) const;
  void settle_for_good(const journal::sequence_set& lost);
  void forget_from(std::uint64_t sequence);

  std::uint64_t salt_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, std::uint64_t> events_;    // and their salts
  std::map<std::uint64_t, std::uint64_t> released_;  // maybe not durably: may come back
  std::set<std::uint64_t> stored_;                   // the journal took them
  std::set<std::uint64_t> durable_;
  journal::sequence_set released_stored_;  // of those released, which stood in the journal then
  journal::sequence_set durably_released_;
  std::vector<written_batch> batches_;  // since the last restart: an earlier one may come back
  std::size_t batches_found_ = 0;
  std::size_t came_back_ = 0;
};

}  // namespace vibes::test
