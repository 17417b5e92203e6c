#include <algorithm>

#include "daemon/base/assert.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/journal/journal_errc.hpp"

// The part of journal that writes to its active segment.

namespace vibes::journal {

/// The segment is of no more use. What was written to it after its last good sync may be on the
/// disk or not, whatever reading says.
error_code journal::fail(error_code error) {
  if (active_ && active_->synced_bytes() < active_->written_bytes()) {
    doubts_[segments_.newest().id] = active_->synced_bytes();
  }
  active_.reset();
  unstored_.unite(unsynced_events_);
  unsynced_events_.clear();
  releases_.unwritten.unite(releases_.unsynced);
  releases_.unsynced.clear();
  state_ = state::failed;
  return error;
}

byte_vector journal::beginning(std::uint64_t segment_id, std::uint64_t now_us) const {
  byte_vector bytes;
  encode(segment_header{segment_id, next_sequence_, now_us, writer_id_}, bytes);
  encode_release(segments_.live().complement_below(next_sequence_), flag_checkpoint, bytes);
  for (const open_batch& each : batches_.all()) encode(each.record, flag_moved, bytes);
  encode_identity(bytes);
  for_each_record(
      std::span(bytes).subspan(segment_header_bytes),
      [&](const record_header&, std::span<std::byte> record) { seal_record(record, segment_id); });
  return bytes;
}

/// Ends the active segment and begins the next one.
error_code journal::roll(std::uint64_t limit_bytes, std::uint64_t now_us) {
  if (const error_code error = sync_files()) return error;
  segment made;
  made.id = next_segment_id_;
  const byte_vector bytes = beginning(made.id, now_us);
  if (segments_.size_bytes() + bytes.size() > limit_bytes) {
    if (const error_code error = free_before_writing()) return error;
  }
  if (segments_.size_bytes() + bytes.size() > limit_bytes) return journal_errc::no_room;

  ++next_segment_id_;
  active_.reset();
  made.name = segment_name(made.id);
  const result<file_handle> file = files_.create(made.name);
  if (!file) return fail(file.error());
  segment_writer writer(files_, *file);
  error_code error = writer.write(bytes);
  if (!error && syncs_files()) error = writer.sync();
  if (!error && syncs_files()) error = files_.sync_directory();
  if (error) {
    doubts_[made.id] = 0;
    return fail(error);
  }
  writer.assume_synced();
  active_.emplace(std::move(writer));
  made.begun = true;
  made.size_bytes = bytes.size();
  beginning_bytes_ = bytes.size();
  segments_.add(std::move(made));
  begins_anew_ = false;
  // The checkpoint has them all.
  releases_.is_missing = false;
  releases_.unwritten.clear();
  releases_.unsynced.clear();
  return {};
}

bool journal::is_full(std::size_t more_bytes) const noexcept {
  const std::uint64_t used = active_->written_bytes() - beginning_bytes_;
  return used > 0 && used + more_bytes > limits_.segment_bytes;
}

/// Whole records, whose checksums it fills in.
error_code journal::write_records(std::span<std::byte> records) {
  const std::uint64_t offset = active_->written_bytes();
  segment& to = segments_.newest();
  for_each_record(records, [&](const record_header&, std::span<std::byte> record) {
    seal_record(record, to.id);
  });
  if (const error_code error = active_->write(records)) return fail(error);
  to.size_bytes = active_->written_bytes();
  note_written(records, offset);
  return {};
}

/// Keeps the books after a write of whole records, of which the first is at this offset.
void journal::note_written(const_bytes records, std::uint64_t offset) {
  segment& to = segments_.newest();
  sequence_set events;
  for_each_record(records, [&](const record_header& header, const_bytes) {
    if (header.kind == record_kind::event) {
      to.note_event(header.sequence, offset, header.length);
      events.add(header.sequence);
    }
    offset += header.length;
  });
  if (!events.empty()) note_live(events);
  for_each_record(records, [&](const record_header& header, const_bytes record) {
    if (header.kind != record_kind::batch) return;
    result<recorded_batch> batch = decode_batch(record);
    sequence_set live = segments_.live_among(batch->events);
    batches_.add(std::move(*batch), std::move(live));
  });
}

/// These events now stand in the newest segment.
void journal::note_live(const sequence_set& events) {
  if (events.first() >= next_sequence_) {
    segments_.newest().live.unite(events);
  } else {
    segments_.make_live(segments_.newest().id, events);
    releases_.unwritten.subtract(events);
    releases_.unsynced.subtract(events);
  }
  unstored_.subtract(events);
  unsynced_events_.unite(events);
  next_sequence_ = std::max(next_sequence_, events.last() + 1);
  written_through_ = std::max(written_through_, events.last());
}

error_code journal::write_group(record_group& group, std::uint64_t limit_bytes,
                                std::uint64_t now_us) {
  std::span<std::byte> rest = group.bytes();
  while (!rest.empty()) {
    std::size_t taken = decode_record_header(rest.data()).length;
    if (!active_ || is_full(taken)) {
      if (const error_code error = roll(bytes_cap(), now_us)) return error;
    }
    const std::uint64_t used = active_->written_bytes() - beginning_bytes_;
    while (taken < rest.size()) {
      const std::size_t more = decode_record_header(rest.data() + taken).length;
      if (used + taken + more > limits_.segment_bytes) break;
      taken += more;
    }
    if (segments_.size_bytes() + taken > limit_bytes) return journal_errc::no_room;
    if (const error_code error = write_records(rest.first(taken))) return error;
    rest = rest.subspan(taken);
  }
  return {};
}

/// Writes the releases that are not written yet, if there is room for them.
error_code journal::write_releases(std::uint64_t now_us) {
  if (releases_.unwritten.empty()) return {};
  byte_vector records;
  encode_release(releases_.unwritten, 0, records);
  // The last of the reserve is for a new segment's beginning: the releases before it can go then.
  const std::uint64_t limit = bytes_cap() - limits_.reserve_bytes / 4;
  const bool has_place = active_ && !is_full(records.size());
  if (!has_place || segments_.size_bytes() + records.size() > limit) {
    const error_code error = roll(bytes_cap(), now_us);
    return error == journal_errc::no_room ? error_code() : error;
  }
  if (const error_code error = write_records(records)) return error;
  releases_.is_missing = false;
  releases_.unsynced.unite(releases_.unwritten);
  releases_.unwritten.clear();
  return {};
}

error_code journal::sync_files() {
  if (active_ && active_->synced_bytes() < active_->written_bytes()) {
    if (!syncs_files()) {
      active_->assume_synced();
    } else if (const error_code error = active_->sync()) {
      return fail(error);
    }
  }
  releases_.unsynced.clear();
  unsynced_events_.clear();
  const std::uint64_t through =
      unstored_.empty() ? written_through_ : std::min(written_through_, unstored_.first() - 1);
  durable_through_ = std::max(durable_through_, through);
  return {};
}

}  // namespace vibes::journal
