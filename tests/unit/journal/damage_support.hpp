#pragma once

#include <algorithm>

#include "tests/unit/journal/journal_support.hpp"

namespace vibes::test {

using directory_contents = std::map<std::string, protocol::byte_vector>;

struct recovery {
  error_code error;
  journal::recovery_report report;
  std::vector<read_event> events;
  std::size_t batches = 0;
  directory_contents after;
};

/// Opens a journal in a directory with these files and reads everything back.
inline recovery recover(const directory_contents& files) {
  fake_file_system disk;
  disk.put_all(files);
  recovery made;
  journal::journal journal(disk, small_limits(), writer);
  const auto report = journal.open();
  made.after = disk.contents();
  if (!report) {
    made.error = report.error();
    return made;
  }
  made.report = *report;
  made.events = read_all(journal);
  made.batches = journal.batches().size();
  return made;
}

/// A directory of a few segments: events up to `last`, of which every third below 60 is settled, a
/// batch.
inline directory_contents sample_directory(std::uint64_t last = 90) {
  fake_file_system disk;
  journal::journal_limits limits = small_limits();
  limits.segment_bytes = 1'200;
  journal::journal journal(disk, limits, writer);
  if (!journal.open()) throw std::runtime_error("sample");
  error_code error;
  for (std::uint64_t at = 1; at <= last && !error; at += 5) {
    error = journal.append(group_of(at, at + 4), wall_clock_us);
    if (at == 41) {
      journal::record_group batch;
      batch.add(batch_of({{40, 43}}));
      error = journal.append(std::move(batch), wall_clock_us);
    }
  }
  journal::sequence_set settled;
  for (std::uint64_t at = 3; at < 60; at += 3) settled.add(at);
  if (!error) error = journal.release(settled, wall_clock_us);
  if (!error) error = journal.append(group_of(last + 1, last + 3), wall_clock_us);
  if (!error) error = journal.sync(wall_clock_us);
  if (error) throw std::runtime_error("sample: " + error.message());
  return disk.contents();
}

/// The names of the segments, oldest first.
inline std::vector<std::string> segments_of(const directory_contents& files) {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : files) {
    if (journal::segment_id_of(name) != 0) names.push_back(name);
  }
  return names;
}

/// Whether every event that was found is one that was written, byte for byte, once.
inline bool only_true_events(const recovery& of) {
  std::uint64_t before = 0;
  return std::ranges::all_of(of.events, [&](const read_event& each) {
    const bool ascends = each.sequence > before;
    before = each.sequence;
    return ascends && each == expected_event(each.sequence, text_for(each.sequence));
  });
}

}  // namespace vibes::test
