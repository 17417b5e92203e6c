#include "daemon/journal/sequence_set.hpp"

#include <algorithm>

namespace vibes::journal {
namespace {

std::uint64_t size_of(sequence_range range) noexcept {
  return range.last - range.first + 1;
}

}  // namespace

/// The first range that ends at or behind a sequence.
std::vector<sequence_range>::const_iterator sequence_set::range_at(
    std::uint64_t at_least) const noexcept {
  return std::ranges::lower_bound(ranges_, at_least, {}, &sequence_range::last);
}

/// Behind or touching all that is there.
void sequence_set::append(sequence_range range) {
  if (!ranges_.empty() && ranges_.back().last + 1 == range.first) {
    ranges_.back().last = range.last;
  } else {
    ranges_.push_back(range);
  }
  count_ += size_of(range);
}

void sequence_set::add(sequence_range range) {
  if (ranges_.empty() || range.first > ranges_.back().last) return append(range);
  const auto begin = ranges_.begin() + (range_at(range.first - 1) - ranges_.cbegin());
  auto end = begin;
  while (end != ranges_.end() && end->first <= range.last + 1) {
    range.first = std::min(range.first, end->first);
    range.last = std::max(range.last, end->last);
    count_ -= size_of(*end);
    ++end;
  }
  count_ += size_of(range);
  if (begin == end) {
    ranges_.insert(begin, range);
  } else {
    *begin = range;
    ranges_.erase(begin + 1, end);
  }
}

/// Puts other ranges where these were; what is before and behind stays where it is.
void sequence_set::replace(std::ptrdiff_t begin, std::ptrdiff_t end, sequence_set&& by) {
  for (auto at = begin; at != end; ++at) count_ -= size_of(ranges_[static_cast<std::size_t>(at)]);
  count_ += by.count_;
  const auto room = end - begin;
  const auto size = std::ssize(by.ranges_);
  std::copy_n(by.ranges_.begin(), std::min(room, size), ranges_.begin() + begin);
  if (size < room) {
    ranges_.erase(ranges_.begin() + begin + size, ranges_.begin() + end);
  } else {
    ranges_.insert(ranges_.begin() + end, by.ranges_.begin() + room, by.ranges_.end());
  }
}

void sequence_set::unite(const sequence_set& other) {
  if (other.empty()) return;
  if (empty() || other.first() > last()) {
    for (const sequence_range& each : other.ranges_) append(each);
    return;
  }
  if (other.ranges_.size() == 1) return add(other.ranges_.front());
  const auto begin = range_at(other.first() - 1);
  auto end = begin;
  while (end != ranges_.end() && end->first <= other.last() + 1) ++end;
  sequence_set made;
  auto mine = begin;
  auto theirs = other.ranges_.begin();
  const auto take = [&] {
    if (theirs == other.ranges_.end()) return *mine++;
    if (mine == end) return *theirs++;
    return mine->first <= theirs->first ? *mine++ : *theirs++;
  };
  sequence_range open = take();
  while (mine != end || theirs != other.ranges_.end()) {
    const sequence_range each = take();
    if (each.first > open.last + 1) {
      made.append(open);
      open = each;
    } else {
      open.last = std::max(open.last, each.last);
    }
  }
  made.append(open);
  replace(begin - ranges_.begin(), end - ranges_.begin(), std::move(made));
}

void sequence_set::subtract(const sequence_set& other) {
  if (!intersects(other)) return;
  const auto begin = range_at(other.first());
  auto end = begin;
  while (end != ranges_.end() && end->first <= other.last()) ++end;
  sequence_set left;
  auto gone = other.range_at(first());
  for (auto mine = begin; mine != end; ++mine) {
    sequence_range each = *mine;
    while (gone != other.ranges_.end() && gone->last < each.first) ++gone;
    for (auto at = gone; at != other.ranges_.end() && at->first <= each.last; ++at) {
      if (at->first > each.first) left.append({each.first, at->first - 1});
      each.first = at->last + 1;
      gone = at;
    }
    if (each.first <= each.last) left.append(each);
  }
  replace(begin - ranges_.begin(), end - ranges_.begin(), std::move(left));
}

bool sequence_set::contains(std::uint64_t sequence) const noexcept {
  const auto found = range_at(sequence);
  return found != ranges_.end() && found->first <= sequence;
}

bool sequence_set::intersects(const sequence_set& other) const noexcept {
  if (empty() || other.empty()) return false;
  auto mine = range_at(other.first());
  auto theirs = other.range_at(first());
  while (mine != ranges_.end() && theirs != other.ranges_.end()) {
    if (mine->last < theirs->first) {
      ++mine;
    } else if (theirs->last < mine->first) {
      ++theirs;
    } else {
      return true;
    }
  }
  return false;
}

sequence_set sequence_set::intersection(const sequence_set& other) const {
  sequence_set both;
  if (empty() || other.empty()) return both;
  auto mine = range_at(other.first());
  auto theirs = other.range_at(first());
  while (mine != ranges_.end() && theirs != other.ranges_.end()) {
    const std::uint64_t begin = std::max(mine->first, theirs->first);
    const std::uint64_t end = std::min(mine->last, theirs->last);
    if (begin <= end) both.append({begin, end});
    mine->last < theirs->last ? static_cast<void>(++mine) : static_cast<void>(++theirs);
  }
  return both;
}

sequence_set sequence_set::complement_below(std::uint64_t end) const {
  sequence_set missing;
  std::uint64_t at = 1;
  for (const sequence_range& each : ranges_) {
    if (each.first >= end) break;
    if (each.first > at) missing.append({at, each.first - 1});
    at = each.last + 1;
  }
  if (at < end) missing.append({at, end - 1});
  return missing;
}

std::optional<std::uint64_t> sequence_set::next(std::uint64_t at_least) const noexcept {
  const auto found = range_at(at_least);
  if (found == ranges_.end()) return std::nullopt;
  return std::max(found->first, at_least);
}

}  // namespace vibes::journal
