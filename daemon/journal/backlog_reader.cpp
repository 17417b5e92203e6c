#include "daemon/journal/backlog_reader.hpp"

#include <algorithm>

namespace vibes::journal {
namespace {

bool is_full(const backlog_events& read, read_limits limits) noexcept {
  return read.events.events() >= limits.events_max || read.events.size_bytes() >= limits.bytes_max;
}

bool has_room(const backlog_events& read, const_bytes event, read_limits limits) noexcept {
  return read.events.empty() || read.events.size_bytes() + event.size() <= limits.bytes_max;
}

}  // namespace

result<backlog_events> backlog_reader::read(std::uint64_t from, read_limits limits) {
  backlog_events read;
  read.next = from;
  lost_in_.clear();
  while (!is_full(read, limits)) {
    const segment_set::place place = segments_.next_live(read.next);
    if (place.segment_id == 0) {
      read.at_end = true;
      break;
    }
    const std::uint64_t before = read.next;
    if (const error_code error = read_stretch(place, limits, read)) return error;
    if (read.next == before) break;  // the next one has no room
  }
  return read;
}

result<backlog_events> backlog_reader::peek(std::uint64_t from, read_limits limits) {
  result<backlog_events> seen = read(from, limits);
  for (const auto& [segment_id, lost] : lost_in_) segments_.find(segment_id)->live.unite(lost);
  return seen;
}

/// Reads from one segment as long as no other one has the next event.
error_code backlog_reader::read_stretch(const segment_set::place& place, read_limits limits,
                                        backlog_events& to) {
  segment& in = *segments_.find(place.segment_id);
  const result<file_handle> file = files_.open_to_read(in.name);
  if (!file) {
    const bool is_gone = file.error() == boost::system::errc::no_such_file_or_directory;
    if (!is_gone) return file.error();
    lose(in, place.sequence, sequence_max + 1, to);
    to.next = place.sequence + 1;  // what another segment has in between is still to be read
    return {};
  }
  segment_reader reader(files_, *file, in.id, segment_header_bytes, in.size_bytes);
  std::optional<std::uint64_t> wanted = place.sequence;
  while (wanted && *wanted < place.until && !is_full(to, limits)) {
    const finding found = find(in, *wanted, reader);
    if (found.event.empty()) {
      lose(in, *wanted, found.lost_until, to);
      to.next = *wanted + 1;
    } else if (has_room(to, found.event, limits)) {
      to.events.add_copy(found.event, 0);
      to.next = *wanted + 1;
    } else {
      break;
    }
    wanted = in.live.next(to.next);
  }
  files_.close(*file);
  return {};
}

backlog_reader::finding backlog_reader::find(const segment& in, std::uint64_t sequence,
                                             segment_reader& reader) {
  if (cursor_.segment_id == in.id && cursor_.sequence < sequence) {
    finding found = find_in_run(in, sequence, cursor_.offset, cursor_.run_end, reader);
    if (!found.event.empty()) return found;
  }
  finding missing{{}, sequence_max + 1};
  std::uint64_t run_end = in.size_bytes;
  for (auto mark = in.marks.rbegin(); mark != in.marks.rend(); ++mark) {
    const bool is_place = mark->sequence <= sequence;
    if (is_place) {
      const finding found = find_in_run(in, sequence, mark->offset, run_end, reader);
      if (!found.event.empty()) return found;
      missing.lost_until = std::min(missing.lost_until, found.lost_until);
    }
    // The rest of this run is before its last mark that could have been the place.
    while (is_place && !mark->begins_run) ++mark;
    if (!is_place && mark->begins_run) {
      missing.lost_until = std::min(missing.lost_until, mark->sequence);
    }
    if (mark->begins_run) run_end = mark->offset;
  }
  return missing;
}

backlog_reader::finding backlog_reader::find_in_run(const segment& in, std::uint64_t sequence,
                                                    std::uint64_t begin, std::uint64_t end,
                                                    segment_reader& reader) {
  reader.seek(begin);
  while (const auto record = reader.next()) {
    if (record->offset >= end) break;
    if (record->header.kind != record_kind::event || record->header.sequence < sequence) continue;
    if (record->header.sequence > sequence) {
      cursor_ = {in.id, sequence, record->offset, end};
      return {{}, record->header.sequence};
    }
    cursor_ = {in.id, sequence, record->offset + record->header.length, end};
    if (!decode_event(record->record)) return {{}, sequence + 1};
    return {record->record, 0};
  }
  return {{}, sequence_max + 1};
}

void backlog_reader::lose(segment& in, std::uint64_t from, std::uint64_t until,
                          backlog_events& to) {
  const sequence_set lost = in.live.intersection(sequence_set({from, until - 1}));
  in.live.subtract(lost);
  lost_in_.emplace_back(in.id, lost);
  to.lost.unite(lost);
}

}  // namespace vibes::journal
