#pragma once

#include <optional>
#include <utility>

#include "daemon/base/time.hpp"
#include "daemon/journal/sequence_set.hpp"

namespace vibes::store {

/// Events that nothing more is wanted of, and that the journal was not told of yet. Releases that
/// have no other work to go with wait for company, for `wait` at most.
///
/// No I/O, no clock.
class release_queue {
 public:
  explicit release_queue(duration wait) noexcept : wait_(wait) {}

  bool empty() const noexcept { return settled_.empty(); }
  /// Somebody waits for these releases: they are due, and are synced.
  bool is_urgent() const noexcept { return is_urgent_; }
  bool is_due(time_point now) const noexcept {
    return is_urgent_ || settled_.ranges().size() >= ranges_max ||
           (since_ && now - *since_ >= wait_);
  }
  /// Nothing until look_at has seen some.
  std::optional<time_point> due_at() const noexcept {
    return since_ ? std::optional(*since_ + wait_) : std::nullopt;
  }

  void add(const journal::sequence_set& settled) { settled_.unite(settled); }
  void add(const journal::sequence_range& settled) { settled_.add(settled); }
  void hurry() noexcept { is_urgent_ = true; }
  /// Their wait begins when they are first seen here.
  void look_at(time_point now) noexcept {
    if (!empty() && !since_) since_ = now;
  }
  /// For a job.
  journal::sequence_set take() noexcept {
    since_.reset();
    is_urgent_ = false;
    return std::exchange(settled_, {});
  }
  void forget() noexcept { settled_.clear(); }

 private:
  /// So many ranges are a job of their own at once.
  static constexpr std::size_t ranges_max = 4'096;

  duration wait_;
  journal::sequence_set settled_;
  std::optional<time_point> since_;
  bool is_urgent_ = false;
};

}  // namespace vibes::store
