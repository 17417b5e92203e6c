#include "daemon/ingest/line_framer.hpp"

#include <utility>

namespace vibes::ingest {

std::optional<framed_line> line_framer::next() {
  complete_ = {};
  if (!skipping_) head_ = {};
  const std::size_t end = unread_.find('\n');
  if (end == std::string_view::npos) {
    // One byte more than the limit may be a CR that belongs to the terminator.
    const bool fits = partial_.size() + unread_.size() <= line_bytes_max_ + 1;
    if (skipping_) {
      skipped_bytes_ += unread_.size();
    } else if (fits) {
      partial_.append(unread_);
    } else {
      skip_rest(framed_line::kind::too_long, unread_);
    }
    unread_ = {};
    return std::nullopt;
  }
  const std::string_view head = unread_.substr(0, end);
  unread_.remove_prefix(end + 1);
  if (skipping_) {
    skipped_bytes_ += head.size();
    return skipped_line();
  }
  if (partial_.empty()) return finish_line(head);
  if (partial_.size() + head.size() > line_bytes_max_ + 1) {
    skip_rest(framed_line::kind::too_long, head);
    return skipped_line();
  }
  partial_.append(head);
  complete_ = std::exchange(partial_, {});
  return finish_line(complete_);
}

std::optional<framed_line> line_framer::finish() {
  if (skipping_) return skipped_line();
  if (partial_.empty()) return std::nullopt;
  complete_ = std::exchange(partial_, {});
  return finish_line(complete_);
}

void line_framer::give_up_line() {
  if (!partial_.empty()) skip_rest(framed_line::kind::given_up, {});
}

void line_framer::skip_rest(framed_line::kind as, std::string_view more) {
  skipping_ = true;
  skipped_as_ = as;
  head_.assign(partial_, 0, head_bytes_max);
  head_.append(more.substr(0, head_bytes_max - head_.size()));
  skipped_bytes_ = partial_.size() + more.size();
  partial_ = {};
}

framed_line line_framer::skipped_line() {
  skipping_ = false;
  return {skipped_as_, {}, head_, skipped_bytes_};
}

framed_line line_framer::finish_line(std::string_view text) const {
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.size() > line_bytes_max_) {
    return {framed_line::kind::too_long, {}, text.substr(0, head_bytes_max), text.size()};
  }
  return {framed_line::kind::complete, text};
}

}  // namespace vibes::ingest
