#pragma once

#include "daemon/journal/journal_format.hpp"

namespace vibes::journal {

/// A batch that was written before it was sent, and what of it is still wanted.
struct open_batch {
  recorded_batch record;
  sequence_set left;  // neither settled nor lost; never empty
  /// Only a whole batch can be resent unchanged.
  bool whole() const noexcept { return left == record.events; }
};

/// The batches of the journal of which some event is live. Few: at most a handful for each
/// partition.
class open_batches {
 public:
  /// Replaces every batch that it shares an event with. `live` are those of its events that are.
  void add(recorded_batch, sequence_set live);
  void settle(const sequence_set& events);
  /// Only these events are still live. Linear in them.
  void keep(const sequence_set& live);

  const std::vector<open_batch>& all() const noexcept { return batches_; }

 private:
  std::vector<open_batch> batches_;
};

}  // namespace vibes::journal
