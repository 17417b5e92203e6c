#include "daemon/journal/journal.hpp"

#include <algorithm>

#include "daemon/base/assert.hpp"
#include "daemon/journal/journal_errc.hpp"
#include "daemon/journal/run_note.hpp"

namespace vibes::journal {

journal_limits journal_limits_for(std::uint64_t bytes_max, sync_policy policy) noexcept {
  constexpr std::uint64_t segments = 64;
  constexpr std::uint64_t reserve_segments = 4;
  journal_limits limits;
  limits.bytes_max = bytes_max;
  limits.segment_bytes = std::clamp<std::uint64_t>(bytes_max / segments, 64 << 10, 16 << 20);
  limits.reserve_bytes = std::min(reserve_segments * limits.segment_bytes, bytes_max / 4);
  limits.sync = policy;
  return limits;
}

journal::journal(file_system& files, journal_limits limits, std::uint64_t writer_id)
    : files_(files), limits_(limits), writer_id_(writer_id) {
  VIBES_ASSERT(writer_id != 0 && limits.reserve_bytes <= limits.bytes_max);
}

result<recovery_report> journal::open() {
  VIBES_ASSERT(state_ != state::open);
  if (!locked_) {
    if (const error_code error = files_.lock(lock_name)) {
      const bool is_taken = error == boost::system::errc::operation_would_block;
      return is_taken ? make_error_code(journal_errc::locked) : error;
    }
    locked_ = true;
  }
  result<recovered_journal> recovered = recover_journal(files_, doubts_);
  if (!recovered) return recovered.error();
  recovery_report report = std::move(recovered->report);
  report.lost.subtract(releases_.unwritten);
  adopt(std::move(*recovered));
  if (const error_code error = free_settled()) return error;
  return report;
}

void journal::adopt(recovered_journal&& recovered) {
  segments_ = std::move(recovered.segments);
  batches_ = std::move(recovered.batches);
  std::erase_if(doubts_, [&](const auto& each) { return segments_.find(each.first) == nullptr; });
  begins_anew_ = !doubts_.empty();
  // What was settled while the disk did not listen.
  segments_.settle(releases_.unwritten);
  batches_.settle(releases_.unwritten);
  sequence_set sure = segments_.live();
  sure.subtract(recovered.doubtful);
  unstored_.subtract(sure);
  next_segment_id_ = std::max(next_segment_id_, recovered.next_segment_id);
  next_sequence_ = std::max(next_sequence_, recovered.next_sequence);
  if (recovered.writer_id != 0) writer_id_ = recovered.writer_id;
  if (state_ == state::closed) {
    written_through_ = next_sequence_ - 1;
    durable_through_ = written_through_;
  }
  found_bytes_ = segments_.size_bytes();
  state_ = state::open;
}

/// Takes out of the group what is stored already.
void journal::skip_stored(record_group& group) const {
  if (group.events() == 0 || group.lowest() >= next_sequence_) return;
  record_group kept;
  for_each_record(std::as_const(group).bytes(),
                  [&](const record_header& header, const_bytes record) {
                    if (header.kind == record_kind::batch) return kept.add(*decode_batch(record));
                    const bool is_stored =
                        segments_.is_live(header.sequence) && !unstored_.contains(header.sequence);
                    if (!is_stored) kept.add(*decode_event(record));
                  });
  group = std::move(kept);
}

error_code journal::append(record_group&& group, std::uint64_t now_us) {
  if (state_ != state::open) return refuse(group, journal_errc::not_open);
  if (group.events() > 0 && segments_.empty() && next_sequence_ == 1) {
    next_sequence_ = group.lowest();  // a new directory for a queue that has run for a while
  }
  skip_stored(group);
  if (group.empty()) return {};
  error_code error = make_room(group.size_bytes(), now_us);
  // Batches alone are small, and too useful to be left out because events have filled the journal.
  const bool may_use_reserve = group.events() == 0;
  if (may_use_reserve && error == journal_errc::no_room) error = {};
  const std::uint64_t limit =
      may_use_reserve ? bytes_cap() - limits_.reserve_bytes / 2 : event_limit(group.size_bytes());
  if (!error) error = write_group(group, limit, now_us);
  return error ? refuse(group, error) : error;
}

/// Remembers that the group's events may not be on the disk, as far as they are not.
error_code journal::refuse(const record_group& group, error_code why) {
  sequence_set refused;
  for_each_record(group.bytes(), [&](const record_header& header, const_bytes) {
    if (header.kind == record_kind::event) refused.add(header.sequence);
  });
  // After no_room, a part of the group may have been written.
  if (state_ == state::open) refused.subtract(segments_.live_among(refused));
  unstored_.unite(refused);
  return why;
}

error_code journal::release(const sequence_set& settled, std::uint64_t now_us) {
  if (settled.empty()) return {};
  segments_.settle(settled);
  batches_.settle(settled);
  unstored_.subtract(settled);
  unsynced_events_.subtract(settled);
  next_sequence_ = std::max(next_sequence_, settled.last() + 1);
  releases_.unwritten.unite(settled);
  return state_ == state::open ? write_releases(now_us) : error_code();
}

error_code journal::sync(std::uint64_t now_us) {
  if (state_ != state::open) return journal_errc::not_open;
  if (begins_anew_) {
    const error_code error = roll(bytes_cap(), now_us);
    if (error && error != journal_errc::no_room) return error;
  }
  if (const error_code error = write_releases(now_us)) return error;
  if (const error_code error = sync_files()) return error;
  if (const error_code error = free_settled()) return error;
  const error_code error = compact(now_us);
  lower_cap();
  return error;
}

result<backlog_events> journal::read(std::uint64_t from, read_limits limits) {
  result<backlog_events> read = backlog_.read(from, limits);
  if (read) batches_.settle(read->lost);
  return read;
}

error_code journal::write_note(std::string_view text) {
  if (state_ != state::open) return journal_errc::not_open;
  return write_run_note(files_, text);
}

result<std::string> journal::read_note() {
  if (state_ != state::open) return make_error_code(journal_errc::not_open);
  return read_run_note(files_);
}

journal_usage journal::usage() const noexcept {
  return {segments_.size_bytes(),      bytes_cap(),         segments_.live_bytes(),
          segments_.live_count(),      segments_.size(),    moved_events_,
          releases_.unwritten.count(), releases_.is_missing};
}

}  // namespace vibes::journal
