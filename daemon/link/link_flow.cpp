#include "daemon/link/link_flow.hpp"

#include <algorithm>

namespace vibes::link {
namespace {

/// A reply in this part of reply_timeout says that the link could take more.
constexpr int quick_reply_part = 2;
/// A batch smaller than this part of the window waits for the next reply.
constexpr std::size_t worthwhile_part = 4;
/// TCP is asked so often in one reply_timeout, while a request waits.
constexpr int samples_per_timeout = 8;

}  // namespace

bool link_flow::may_send() const noexcept {
  return on_its_way_ == 0 || on_its_way_ + window_ / worthwhile_part <= window_;
}

std::size_t link_flow::send_bytes_max() const noexcept {
  return window_ - std::min(window_, on_its_way_);
}

link_flow::sent link_flow::send(std::uint64_t begin, std::uint64_t end, time_point now) noexcept {
  if (on_its_way_ == 0) {
    progress_at_ = sampled_at_ = now;
    progress_from_ = acknowledged_;
  }
  pushed_ = end;
  on_its_way_ += static_cast<std::size_t>(end - begin);
  // What is larger than the window, a batch that has to be repeated as it was, is allowed the time
  // of as many windows: a proxy in between may have acknowledged all of it at once.
  const std::size_t windows = (on_its_way_ + window_ - 1) / window_;
  return {begin, end, now, on_its_way_ >= window_ / 2,
          static_cast<std::uint32_t>(std::clamp<std::size_t>(windows, 1, patience_max))};
}

void link_flow::answered(const sent& request, bool was_oldest, time_point now) noexcept {
  on_its_way_ -= static_cast<std::size_t>(request.end - request.begin);
  if (was_oldest) {
    progress_at_ = now;
    progress_from_ = acknowledged_;
  }
  adjust_window(request, now);
}

/// One step for each window of requests: those that were on their way already when the window
/// changed were sent under the old one.
void link_flow::adjust_window(const sent& request, time_point now) noexcept {
  if (request.begin < adjusted_from_) return;
  if (now - request.at > reply_timeout_ / quick_reply_part) {
    window_ = std::max(window_ / 2, window_min_bytes);
  } else if (request.fills_window) {
    window_ = std::min(window_ * 2, window_max_bytes);
  } else {
    return;
  }
  adjusted_from_ = pushed_;
}

void link_flow::acknowledged(std::uint64_t bytes, const sent& oldest, time_point now) noexcept {
  acknowledged_ = std::max(acknowledged_, bytes);
  const std::uint64_t of_oldest = std::min(acknowledged_, oldest.end);
  if (of_oldest < progress_from_ + silence_bytes) return;
  progress_from_ = of_oldest;
  progress_at_ = now;
}

time_point link_flow::sample_at(const sent& oldest) const noexcept {
  if (acknowledged_ >= oldest.end) return time_point::max();
  return std::max(progress_at_, sampled_at_) +
         std::max<duration>(reply_timeout_ / samples_per_timeout, std::chrono::milliseconds(1));
}

}  // namespace vibes::link
