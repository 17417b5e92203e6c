#include "daemon/store/disk_space.hpp"

#include <algorithm>
#include <utility>

namespace vibes::store {

std::uint64_t disk_space::free_bytes() const noexcept {
  const std::uint64_t limit =
      usage_.bytes_cap - std::min(usage_.bytes_cap, settings_.journal.reserve_bytes);
  const std::uint64_t live_limit = limit / 4 * 3;
  return std::max(limit - std::min(limit, usage_.bytes),
                  live_limit - std::min(live_limit, usage_.live_bytes));
}

std::size_t disk_space::job_bytes_max() const noexcept {
  if (free_bytes() >= settings_.job_bytes_max) return settings_.job_bytes_max;
  return std::min<std::size_t>(settings_.job_bytes_max, settings_.journal.reserve_bytes / 8);
}

std::uint64_t disk_space::bytes_of_an_event() const noexcept {
  if (usage_.live_events == 0) return settings_.journal.segment_bytes;
  return std::max<std::uint64_t>(1, usage_.live_bytes / usage_.live_events);
}

std::uint64_t disk_space::events_in_a_segment() const noexcept {
  return std::max<std::uint64_t>(1, settings_.journal.segment_bytes / bytes_of_an_event());
}

void disk_space::note_taken(std::size_t payload_size, bool beyond_room) noexcept {
  dropped_bytes_ =
      beyond_room ? dropped_bytes_ - std::min(dropped_bytes_, disk_place_of(payload_size)) : 0;
}

void disk_space::try_again() noexcept {
  is_full_ = false;
  wants_releases_ = true;
  dropped_bytes_ = 0;
}

void disk_space::make_room() noexcept {
  wants_releases_ = true;
  making_ = making::with_next_job;
}

void disk_space::job_begins(bool releases) noexcept {
  if (releases) wants_releases_ = false;
  if (making_ == making::with_next_job) making_ = making::with_this_job;
}

void disk_space::job_ends() noexcept {
  if (making_ == making::with_this_job) making_ = making::nothing;
}

bool disk_space::may_write(time_point now, bool closing) noexcept {
  is_full_ = is_full_ && now < full_until_;
  return !is_full_ || (closing && !closing_found_none_);
}

bool disk_space::refused(bool closing, time_point now) noexcept {
  is_full_ = true;
  full_until_ = now + settings_.full_wait;
  full_usage_ = usage_;
  return closing && !std::exchange(closing_found_none_, true);
}

void disk_space::reconsider(time_point now) noexcept {
  if (!is_full_) return;
  const std::uint64_t enough = settings_.journal.segment_bytes / 2;
  is_full_ = usage_.bytes >= full_usage_.bytes &&
             usage_.live_bytes + enough > full_usage_.live_bytes && now < full_until_;
}

}  // namespace vibes::store
