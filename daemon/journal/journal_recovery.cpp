#include "daemon/journal/journal_recovery.hpp"

#include <algorithm>

#include "daemon/journal/segment_listing.hpp"
#include "daemon/journal/segment_reader.hpp"

namespace vibes::journal {
namespace {

/// Applies the records of a journal, one after the other, to what is known so far.
class replay {
 public:
  replay(recovered_journal& to, const doubtful_tails& doubts) : to_(to), doubts_(doubts) {}

  void begin(segment made, std::uint64_t first_sequence) {
    reading_ = &to_.segments.add(std::move(made));
    repeated_batches_ = {};
    is_beginning_ = true;
    has_records_ = false;
    first_sequence_ = first_sequence;
    const auto doubt = doubts_.find(reading_->id);
    doubtful_from_ = doubt == doubts_.end() ? ~std::uint64_t{0} : doubt->second;
  }

  /// `is_intact`: nothing had to be skipped in this segment so far.
  void apply(const record_view& view, bool is_intact) {
    has_records_ = true;
    if (is_beginning_ && view.header.kind == record_kind::identity) {
      end_beginning();
      reading_->begun = is_intact;
      // A complete beginning names all batches that are open: older records of others are void.
      if (is_intact) to_.batches = std::exchange(repeated_batches_, {});
    }
    if (is_beginning_ && !is_of_beginning(view.header)) end_beginning();
    switch (view.header.kind) {
      case record_kind::event: return event(view);
      case record_kind::batch: return batch(view.record);
      case record_kind::release: return release(view.record);
      case record_kind::identity: return identity(view.record);
    }
  }

  /// Whether the segment that was read last got beyond its beginning.
  bool was_begun() const noexcept { return !is_beginning_; }
  /// Whether it says anything.
  bool has_records() const noexcept { return has_records_; }

  /// Has to be called after a segment's last record.
  void end_of_segment() {
    take_events_in();
    saw(batched_through_);
  }

  void finish() {
    const sequence_set live = to_.segments.live();
    sequence_set accounted = settled_;
    accounted.unite(live);
    to_.report.lost = accounted.complement_below(to_.next_sequence);
    to_.batches.keep(live);
    to_.doubtful = to_.doubtful.intersection(live);
    to_.report.live_events = live.count();
  }

 private:
  static bool is_of_beginning(const record_header& header) noexcept {
    return header.kind == record_kind::identity ||
           (header.kind != record_kind::event &&
            (header.flags & (flag_moved | flag_checkpoint)) != 0);
  }

  /// Not before: of an unfinished beginning the settled numbers below it may be missing.
  void end_beginning() {
    is_beginning_ = false;
    saw(first_sequence_ - 1);
  }

  void saw(std::uint64_t sequence) {
    to_.next_sequence = std::max(to_.next_sequence, sequence + 1);
  }

  void event(const record_view& view) {
    const std::uint64_t sequence = view.header.sequence;
    if (view.record.size() < event_overhead_bytes) return malformed();
    reading_->note_event(sequence, view.offset, view.header.length);
    if (!events_.empty() && sequence <= events_.last()) take_events_in();
    if (view.offset >= doubtful_from_) {
      if (to_.segments.is_live(sequence)) return;  // the older copy is the sure one
      to_.doubtful.add(sequence);
    }
    events_.add(sequence);
  }

  /// Events are collected as long as they ascend: most sets then grow at their end only.
  void take_events_in() {
    if (events_.empty()) return;
    if (events_.first() >= to_.next_sequence) {
      reading_->live.unite(events_);
    } else {
      to_.segments.make_live(reading_->id, events_);
      settled_.subtract(events_);
    }
    saw(events_.last());
    events_.clear();
  }

  void batch(const_bytes record) {
    result<recorded_batch> decoded = decode_batch(record);
    if (!decoded) return malformed();
    const sequence_set events = decoded->events;
    if (is_beginning_) repeated_batches_.add(*decoded, events);
    batched_through_ = std::max(batched_through_, events.last());
    to_.batches.add(std::move(*decoded), events);
  }

  void release(const_bytes record) {
    take_events_in();
    const result<sequence_set> decoded = decode_release(record);
    if (!decoded) return malformed();
    settled_.unite(*decoded);
    to_.segments.settle(*decoded);
    to_.batches.settle(*decoded);
    saw(decoded->last());
  }

  void identity(const_bytes record) {
    if (record.size() < record_header_bytes + identity_body_bytes) malformed();
  }

  void malformed() { ++to_.report.malformed_records; }

  recovered_journal& to_;
  const doubtful_tails& doubts_;
  std::uint64_t doubtful_from_ = 0;  // in the segment that is being read
  segment* reading_ = nullptr;
  sequence_set events_;  // of the segment that is being read, not in its live set yet
  sequence_set settled_;
  // Of the segment that is being read:
  open_batches repeated_batches_;  // at its beginning
  bool is_beginning_ = false;      // and still there
  bool has_records_ = false;
  // Numbers of batches count as given out even when the events are gone: another event of such a
  // number would be taken for one of the batch.
  std::uint64_t batched_through_ = 0;
  std::uint64_t first_sequence_ = 1;  // its header's
};

/// Makes sure of what a process wrote that was killed before it could sync.
error_code sync_segment(file_system& files, const std::string& name) {
  const result<file_handle> file = files.open_to_read(name);
  if (!file) return file.error();
  const error_code error = files.sync(*file);
  files.close(*file);
  return error ? error : files.sync_directory();
}

/// The last segment's end: whatever is behind its last record was never finished.
error_code cut_tail(file_system& files, segment_set& segments, std::uint64_t valid_end,
                    bool has_records, recovery_report& report) {
  segment& last = segments.newest();
  if (!has_records) {  // it is removed as a whole
    report.tail_bytes += last.size_bytes;
    return {};
  }
  if (valid_end < last.size_bytes) {
    report.tail_bytes += last.size_bytes - valid_end;
    if (const error_code error = files.truncate(last.name, valid_end)) return error;
    last.size_bytes = valid_end;
  }
  return sync_segment(files, last.name);
}

error_code scan(file_system& files, const listed_segment& listed, bool is_last, replay& replayed,
                recovered_journal& to) {
  const result<file_handle> file = files.open_to_read(listed.name);
  if (!file) return file.error();
  segment made;
  made.id = listed.id;
  made.name = listed.name;
  made.size_bytes = listed.size_bytes;
  replayed.begin(std::move(made), listed.has_header() ? listed.header.header.first_sequence : 1);

  const std::uint64_t begin = std::min<std::uint64_t>(segment_header_bytes, listed.size_bytes);
  segment_reader reader(files, *file, listed.id, begin, listed.size_bytes);
  while (const auto record = reader.next()) {
    replayed.apply(*record, reader.skipped_bytes() == 0);
  }
  replayed.end_of_segment();
  files.close(*file);

  recovery_report& report = to.report;
  report.damaged_bytes += reader.skipped_bytes();
  report.damaged_stretches += reader.skipped_stretches();
  report.read_errors += reader.read_errors();
  if (!listed.has_header() && (!is_last || replayed.was_begun())) ++report.damaged_headers;
  if (is_last && reader.read_errors() == 0) {
    return cut_tail(files, to.segments, reader.valid_end(), replayed.has_records(), report);
  }
  if (reader.valid_end() < listed.size_bytes) {
    report.damaged_bytes += listed.size_bytes - reader.valid_end();
    ++report.damaged_stretches;
  }
  // What cannot be read now may be there: no end is cut then.
  return is_last ? sync_segment(files, listed.name) : error_code();
}

/// Segments behind the last one that says anything: each was being created when its process ended.
error_code remove_silent(file_system& files, segment_set& segments,
                         const std::vector<listed_segment>& silent) {
  for (const listed_segment& each : silent) {
    if (const error_code error = files.remove(each.name)) return error;
    segments.remove(each.id);
  }
  return {};
}

/// Those whose beginning this process failed to write: it still knows what they said.
error_code remove_failed_beginnings(file_system& files, const doubtful_tails& doubts,
                                    std::vector<listed_segment>& segments) {
  error_code error;
  std::erase_if(segments, [&](const listed_segment& each) {
    const auto doubt = doubts.find(each.id);
    if (error || doubt == doubts.end() || doubt->second != 0) return false;
    error = files.remove(each.name);
    return !error;
  });
  return error;
}

}  // namespace

result<recovered_journal> recover_journal(file_system& files, const doubtful_tails& doubts) {
  recovered_journal made;
  result<segment_listing> listing = list_segments(files, made.report);
  if (!listing) return listing.error();
  if (const error_code error = remove_failed_beginnings(files, doubts, listing->segments)) {
    return error;
  }
  made.writer_id = listing->writer_id;
  made.next_segment_id = listing->next_segment_id;
  replay replayed(made, doubts);
  std::vector<listed_segment> silent;
  for (const listed_segment& each : listing->segments) {
    const bool is_last = &each == &listing->segments.back();
    const std::uint64_t read_errors = made.report.read_errors;
    if (const error_code error = scan(files, each, is_last, replayed, made)) return error;
    ++made.report.segments;
    made.report.bytes += each.size_bytes;
    // What cannot be read now may say something another time.
    if (replayed.has_records() || made.report.read_errors > read_errors) {
      silent.clear();
    } else {
      silent.push_back(each);
    }
  }
  if (const error_code error = remove_silent(files, made.segments, silent)) return error;
  replayed.finish();
  return made;
}

}  // namespace vibes::journal
