#include "daemon/ingest/line_framer.hpp"

#include <utility>

namespace vibes::ingest {

std::optional<framed_line> line_framer::next() {
  complete_ = {};
  const std::size_t end = unread_.find('\n');
  if (end == std::string_view::npos) {
    // One byte more than the limit may be a CR that belongs to the terminator.
    const bool fits = partial_.size() + unread_.size() <= line_bytes_max_ + 1;
    if (!skipping_ && fits) partial_.append(unread_);
    if (!skipping_ && !fits) skip_rest(framed_line::kind::too_long);
    unread_ = {};
    return std::nullopt;
  }
  const std::string_view head = unread_.substr(0, end);
  unread_.remove_prefix(end + 1);
  if (skipping_) {
    skipping_ = false;
    return framed_line{skipped_as_, {}};
  }
  if (partial_.empty()) return finish_line(head);
  if (partial_.size() + head.size() > line_bytes_max_ + 1) {
    partial_ = {};
    return framed_line{framed_line::kind::too_long, {}};
  }
  partial_.append(head);
  complete_ = std::exchange(partial_, {});
  return finish_line(complete_);
}

std::optional<framed_line> line_framer::finish() {
  if (std::exchange(skipping_, false)) return framed_line{skipped_as_, {}};
  if (partial_.empty()) return std::nullopt;
  complete_ = std::exchange(partial_, {});
  return finish_line(complete_);
}

void line_framer::give_up_line() {
  if (!partial_.empty()) skip_rest(framed_line::kind::given_up);
}

void line_framer::skip_rest(framed_line::kind as) {
  skipping_ = true;
  skipped_as_ = as;
  partial_ = {};
}

framed_line line_framer::finish_line(std::string_view text) const noexcept {
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.size() > line_bytes_max_) return {framed_line::kind::too_long, {}};
  return {framed_line::kind::complete, text};
}

}  // namespace vibes::ingest
