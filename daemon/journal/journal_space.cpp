#include <algorithm>

#include "daemon/journal/journal.hpp"
#include "daemon/journal/journal_errc.hpp"

// The part of journal that keeps it small (docs/journal-format.md, "Space").

namespace vibes::journal {
namespace {

/// A segment with a larger live share, in hundredths, is not worth moving.
constexpr unsigned worth_moving_live_share = 75;
/// Moving begins by itself when all live bytes are less than this part of the bytes on disk.
constexpr std::uint64_t compact_below_part = 4;
constexpr std::uint64_t compact_segments_min = 8;
/// One append empties at most so many segments: more would keep others waiting for too long.
constexpr int moves_per_append_max = 4;
constexpr std::size_t move_bytes = 1 << 20;

}  // namespace

std::uint64_t journal::bytes_cap() const noexcept {
  if (found_bytes_ <= limits_.bytes_max) return limits_.bytes_max;
  return std::max(limits_.bytes_max, found_bytes_ + limits_.reserve_bytes);
}

/// A lowered cap takes effect as space is freed, but for one segment and what is about to come:
/// what is dropped to make room for a newer event is that one's.
void journal::lower_cap() noexcept {
  const std::uint64_t room = limits_.segment_bytes + expected_bytes_;
  found_bytes_ = std::min(found_bytes_, segments_.size_bytes() + room);
}

/// What all segments together may have after events of this size. As long as settled events still
/// take as much on the disk, a quarter of the reserve is lent: a newer event then takes the place
/// of an older one before the older one's segment has gone.
std::uint64_t journal::event_limit(std::size_t bytes) const {
  const std::uint64_t lent =
      segments_.settled_bytes() >= bytes ? limits_.reserve_bytes / 4 : std::uint64_t{0};
  return bytes_cap() - limits_.reserve_bytes + lent;
}

/// For events: with what new segments would begin with.
bool journal::has_room(std::size_t bytes) const {
  const std::uint64_t limit = event_limit(bytes);
  std::uint64_t needed = segments_.size_bytes() + bytes;
  if (needed > limit) return false;
  if (!active_ || is_full(bytes)) {
    const std::uint64_t rolls = 1 + bytes / limits_.segment_bytes;
    needed += rolls * beginning(next_segment_id_, 0).size();
  }
  return needed <= limit;
}

/// Whether the active segment holds mostly releases and settled events.
bool journal::is_worth_ending() const noexcept {
  const segment& of = segments_.all().back();
  return of.size_bytes - beginning_bytes_ > beginning_bytes_ &&
         of.live_bytes() * 100 < of.size_bytes * worth_moving_live_share;
}

error_code journal::make_room(std::size_t bytes, std::uint64_t now_us) {
  if (has_room(bytes)) return {};
  error_code error = sync_files();
  if (!error) error = free_settled();
  if (error) return error;
  if (!active_ || !releases_.unwritten.empty() || (!has_room(bytes) && is_worth_ending())) {
    error = roll(bytes_cap(), now_us);
    if (error && error != journal_errc::no_room) return error;
    if (!active_ || !releases_.unwritten.empty()) return error;
    if ((error = free_settled())) return error;
  }
  for (int moves = 0; moves < moves_per_append_max && !has_room(bytes); ++moves) {
    const segment* emptiest = segments_.emptiest(worth_moving_live_share, true);
    if (emptiest == nullptr) break;
    if ((error = move_out(*segments_.find(emptiest->id), now_us))) return error;
  }
  if (const segment* large = has_room(bytes) ? nullptr : splittable(bytes)) {
    if ((error = move_out(*segments_.find(large->id), now_us))) return error;
  }
  return has_room(bytes) ? error_code() : journal_errc::no_room;
}

/// Removes the segments in which nothing is live, unless that is known in memory only: after a kill
/// their events would count as lost. Nothing of the newest may be unsynced.
error_code journal::free_settled() {
  return releases_.unwritten.empty() ? remove_settled() : error_code();
}

/// The last resort: there is no room to write what is settled. Made durable, so that no later start
/// finds again what an earlier one has missed.
error_code journal::free_before_writing() {
  if (releases_.unwritten.empty()) return {};
  releases_.is_missing = true;
  if (const error_code error = remove_settled()) return error;
  if (!syncs_files()) return {};
  const error_code error = files_.sync_directory();
  return error ? fail(error) : error;
}

error_code journal::remove_settled() {
  bool is_behind_a_beginning = false;
  std::vector<segment*> gone;
  const auto& all = segments_.all();
  for (auto each = all.rbegin(); each != all.rend(); ++each) {
    if (is_behind_a_beginning && each->live.empty()) gone.push_back(segments_.find(each->id));
    is_behind_a_beginning = is_behind_a_beginning || each->begun;
  }
  for (segment* each : gone) {
    const error_code error = files_.remove(each->name);
    if (error && error != boost::system::errc::no_such_file_or_directory) return fail(error);
    each->size_bytes = 0;
  }
  std::vector<std::uint64_t> ids;
  for (const segment& each : all) {
    if (each.size_bytes == 0) ids.push_back(each.id);
  }
  for (const std::uint64_t id : ids) segments_.remove(id);
  if (segments_.size_bytes() + limits_.reserve_bytes <= limits_.bytes_max) found_bytes_ = 0;
  return {};
}

/// At most one segment for each call, so that nobody waits for long.
error_code journal::compact(std::uint64_t now_us) {
  if (!active_ || !releases_.unwritten.empty()) return {};
  const std::uint64_t bytes = segments_.size_bytes();
  const std::uint64_t small = compact_segments_min * limits_.segment_bytes;
  const bool is_hollow = bytes >= small && segments_.live_bytes() < bytes / compact_below_part;
  // Many restarts make many small segments.
  const std::uint64_t segments_max = compact_segments_min + 4 * bytes_cap() / limits_.segment_bytes;
  const bool is_split = segments_.size() > segments_max;
  if (!is_hollow && !is_split) return {};
  const segment* emptiest = segments_.emptiest(is_split ? 100 : worth_moving_live_share, true);
  if (emptiest == nullptr) return {};
  const error_code error = move_out(*segments_.find(emptiest->id), now_us);
  return error == journal_errc::no_room ? error_code() : error;
}

/// Of an earlier process, whose cap was larger: it goes in pieces, since there may be no room for
/// two of it.
bool journal::is_oversized(const segment& of) const noexcept {
  return of.size_bytes > 2 * limits_.segment_bytes;
}

/// The oversized segment with the smallest live share, if emptying it gives more than this back.
const segment* journal::splittable(std::size_t bytes) const {
  const segment* found = nullptr;
  for (const segment& each : segments_.all()) {
    if (!is_oversized(each) || &each == &segments_.all().back()) continue;
    const bool is_emptier = found == nullptr || each.live_bytes() * found->size_bytes <
                                                    found->live_bytes() * each.size_bytes;
    if (is_emptier) found = &each;
  }
  if (found == nullptr) return nullptr;
  const std::uint64_t segments = 1 + found->live_bytes() / limits_.segment_bytes;
  const std::uint64_t anew = found->live_bytes() + segments * beginning(next_segment_id_, 0).size();
  return found->size_bytes > anew + bytes ? found : nullptr;
}

/// Appends the live events of a segment anew and removes it. What cannot be read is lost.
error_code journal::move_out(segment& from, std::uint64_t now_us) {
  return is_oversized(from) ? move_out_in_pieces(from.id, now_us) : move_out_whole(from, now_us);
}

error_code journal::move_out_whole(segment& from, std::uint64_t now_us) {
  const result<file_handle> file = files_.open_to_read(from.name);
  if (!file) return fail(file.error());
  segment_reader reader(files_, *file, from.id, segment_header_bytes, from.size_bytes);
  const error_code error = move_records(reader, from, now_us);
  files_.close(*file);
  return error ? error : end_move(from);
}

/// The last events first. What is synced elsewhere is cut off, so that it never takes more room
/// than a piece of it; wherever that ends, each event is there once at least.
error_code journal::move_out_in_pieces(std::uint64_t id, std::uint64_t now_us) {
  const std::uint64_t piece_bytes = std::max<std::uint64_t>(limits_.reserve_bytes / 8, 1);
  const segment& all = *segments_.find(id);
  const result<file_handle> file = files_.open_to_read(all.name);
  if (!file) return fail(file.error());
  segment_reader reader(files_, *file, id, segment_header_bytes, all.size_bytes);
  std::vector<std::uint64_t> cuts{segment_header_bytes};
  while (const auto record = reader.next()) {
    if (record->offset - cuts.back() >= piece_bytes) cuts.push_back(record->offset);
  }
  error_code error;
  for (auto cut = cuts.rbegin(); !error && cut != cuts.rend(); ++cut) {
    segment& from = *segments_.find(id);
    segment_reader piece(files_, *file, id, *cut, from.size_bytes);
    error = move_records(piece, from, now_us);
    if (!error) error = sync_files();
    if (!error && *cut != segment_header_bytes) error = cut_off(*segments_.find(id), *cut);
  }
  files_.close(*file);
  return error ? error : end_move(*segments_.find(id));
}

/// Appends those that are live here of the records that the reader gives.
error_code journal::move_records(segment_reader& reader, const segment& from,
                                 std::uint64_t now_us) {
  const std::uint64_t limit = bytes_cap() - limits_.reserve_bytes / 2;
  record_group chunk;
  sequence_set moved;
  error_code error;
  const auto write = [&] {
    moved_events_ += chunk.events();
    error = write_group(chunk, limit, now_us);
    chunk.clear();
  };
  while (!error) {
    const auto record = reader.next();
    if (!record) break;
    const std::uint64_t sequence = record->header.sequence;
    if (record->header.kind != record_kind::event || moved.contains(sequence)) continue;
    if (!from.live.contains(sequence)) continue;
    if (!decode_event(record->record)) continue;
    chunk.add_copy(record->record, flag_moved);
    moved.add(sequence);
    if (chunk.size_bytes() >= move_bytes) write();
  }
  if (!error && !chunk.empty()) write();
  return error;
}

error_code journal::cut_off(segment& from, std::uint64_t end) {
  if (const error_code error = files_.truncate(from.name, end)) return fail(error);
  from.cut(end);
  return {};
}

/// All of it that can be read stands elsewhere.
error_code journal::end_move(segment& from) {
  lost_.unite(from.live);
  batches_.settle(from.live);
  from.live.clear();
  if (const error_code failure = sync_files()) return failure;
  return free_settled();
}

}  // namespace vibes::journal
