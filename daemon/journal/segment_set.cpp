#include "daemon/journal/segment_set.hpp"

#include <algorithm>
#include <numeric>

#include "daemon/base/assert.hpp"

namespace vibes::journal {
namespace {

constexpr std::size_t id_digits = 16;
constexpr std::string_view name_ending = ".segment";

}  // namespace

std::string segment_name(std::uint64_t id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string name(id_digits, '0');
  for (std::size_t i = 0; i < id_digits; ++i)
    name[id_digits - 1 - i] = digits[(id >> (4 * i)) & 15];
  return name.append(name_ending);
}

std::uint64_t segment_id_of(std::string_view name) noexcept {
  if (name.size() != id_digits + name_ending.size() || !name.ends_with(name_ending)) return 0;
  std::uint64_t id = 0;
  for (const char each : name.substr(0, id_digits)) {
    const bool digit = each >= '0' && each <= '9';
    if (!digit && (each < 'a' || each > 'f')) return 0;
    id = id << 4 | static_cast<std::uint64_t>(digit ? each - '0' : each - 'a' + 10);
  }
  return id <= sequence_max ? id : 0;
}

segment& segment_set::add(segment made) {
  VIBES_ASSERT(segments_.empty() || segments_.back().id < made.id);
  segments_.push_back(std::move(made));
  return segments_.back();
}

void segment_set::remove(std::uint64_t id) {
  const auto found = std::ranges::lower_bound(segments_, id, {}, &segment::id);
  VIBES_ASSERT(found != segments_.end() && found->id == id);
  segments_.erase(found);
}

segment* segment_set::find(std::uint64_t id) noexcept {
  const auto found = std::ranges::lower_bound(segments_, id, {}, &segment::id);
  return found == segments_.end() || found->id != id ? nullptr : &*found;
}

void segment_set::make_live(std::uint64_t id, const sequence_set& events) {
  for (segment& each : segments_) {
    if (each.id == id) {
      each.live.unite(events);
    } else {
      each.live.subtract(events);
    }
  }
}

void segment_set::settle(const sequence_set& events) {
  for (segment& each : segments_) each.live.subtract(events);
}

segment_set::place segment_set::next_live(std::uint64_t at_least) const noexcept {
  place found{0, 0, sequence_max + 1};
  for (const segment& each : segments_) {
    const auto next = each.live.next(at_least);
    if (!next) continue;
    if (found.segment_id == 0 || *next < found.sequence) {
      if (found.segment_id != 0) found.until = found.sequence;
      found.segment_id = each.id;
      found.sequence = *next;
    } else {
      found.until = std::min(found.until, *next);
    }
  }
  return found;
}

bool segment_set::is_live(std::uint64_t sequence) const noexcept {
  return std::ranges::any_of(segments_,
                             [&](const segment& each) { return each.live.contains(sequence); });
}

sequence_set segment_set::live_among(const sequence_set& events) const {
  sequence_set found;
  for (const segment& each : segments_) found.unite(each.live.intersection(events));
  return found;
}

sequence_set segment_set::live() const {
  // Sorting all ranges once is cheaper than uniting sets that interleave.
  std::vector<sequence_range> ranges;
  for (const segment& each : segments_) {
    ranges.insert(ranges.end(), each.live.ranges().begin(), each.live.ranges().end());
  }
  std::ranges::sort(ranges, {}, &sequence_range::first);
  sequence_set all;
  for (const sequence_range& each : ranges) all.add(each);
  return all;
}

std::uint64_t segment_set::live_count() const noexcept {
  return std::accumulate(
      segments_.begin(), segments_.end(), std::uint64_t{0},
      [](std::uint64_t sum, const segment& each) { return sum + each.live.count(); });
}

std::uint64_t segment_set::live_bytes() const noexcept {
  return std::accumulate(
      segments_.begin(), segments_.end(), std::uint64_t{0},
      [](std::uint64_t sum, const segment& each) { return sum + each.live_bytes(); });
}

std::uint64_t segment_set::settled_bytes() const noexcept {
  return std::accumulate(
      segments_.begin(), segments_.end(), std::uint64_t{0},
      [](std::uint64_t sum, const segment& each) { return sum + each.settled_bytes(); });
}

std::uint64_t segment_set::size_bytes() const noexcept {
  return std::accumulate(
      segments_.begin(), segments_.end(), std::uint64_t{0},
      [](std::uint64_t sum, const segment& each) { return sum + each.size_bytes; });
}

const segment* segment_set::emptiest(unsigned live_share_max, bool spare_newest) const noexcept {
  const segment* found = nullptr;
  const auto share = [](const segment& of) {
    return of.size_bytes == 0 ? 0 : of.live_bytes() * 100 / of.size_bytes;
  };
  for (const segment& each : segments_) {
    if (spare_newest && &each == &segments_.back()) continue;
    if (share(each) > live_share_max) continue;
    if (found == nullptr || share(each) < share(*found)) found = &each;
  }
  return found;
}

}  // namespace vibes::journal
