#pragma once

#include <functional>

#include "daemon/cli/queue_offline.hpp"

namespace vibes::cli {

/// Every waiting event, page after page, up to the one that was the newest when the first page was
/// made.
class queue_walk {
 public:
  /// `page_max`: events a page, 0 for as many as whoever answers gives.
  queue_walk(queue_end& from, const char* command, std::uint64_t page_max)
      : from_(from), command_(command), page_max_(page_max) {}

  /// `visit` gets each event, and says whether to go on. Not ok also when events on disk could not
  /// be read, after all others were visited.
  outcome for_each(const std::function<bool(const boost::json::object&)>& visit);
  /// Whether all that can be read was visited.
  bool complete() const noexcept { return complete_; }

 private:
  outcome end(bool complete);

  queue_end& from_;
  const char* command_;
  std::uint64_t page_max_;
  std::uint64_t unreadable_events_ = 0;
  bool complete_ = false;
};

/// A number of an answer; 0 when there is none of this name.
std::uint64_t number_in(const boost::json::object&, const char* key);

}  // namespace vibes::cli
