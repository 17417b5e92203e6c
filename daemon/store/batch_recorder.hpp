#pragma once

#include <optional>
#include <vector>

#include "daemon/store/batcher.hpp"
#include "daemon/store/replay_queue.hpp"

namespace vibes::store {

/// Whether the journal was given all events of the batch.
bool has_recorded_events(const batch&) noexcept;

/// Batches that must not be sent before they are written (docs/journal-format.md, "Kind 2"): they
/// wait for their events, then for the journal, then for the link. A disk that fails is no reason
/// to keep events from Iggy: they go on unrecorded.
///
/// No I/O, no clock.
class batch_recorder {
 public:
  void add(batch&& wanted) { waiting_.push_back(std::move(wanted)); }

  /// Calls `write` for each batch whose events the journal was given, which keeps a batch in the
  /// journal whole. They are out until job_ends.
  template <class Write>
  void hand_over(Write&& write) {
    for (batch& each : waiting_) {
      if (!has_recorded_events(each)) continue;
      write(std::as_const(each));
      each.recorded = batch_recorded::maybe;
      out_.push_back(std::exchange(each, {}));
    }
    std::erase_if(waiting_, [](const batch& each) { return each.entries.empty(); });
  }
  /// What was out may be sent, recorded or not. Gives how many are recorded now.
  std::size_t job_ends(bool written);
  /// The journal takes no batches: those that wait may be sent unrecorded.
  void stop_waiting();

  /// The oldest that may be sent, of these lanes.
  std::optional<batch> take_ready(const lane_choice&);
  /// All of them, wherever they are.
  void put_back_all(replay_queue&);

 private:
  std::vector<batch> waiting_;
  std::vector<batch> out_;  // in the job that is out
  std::vector<batch> ready_;
};

}  // namespace vibes::store
