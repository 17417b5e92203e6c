#include "daemon/journal/segment_listing.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "daemon/journal/journal_errc.hpp"
#include "daemon/journal/run_note.hpp"

namespace vibes::journal {
namespace {

void ignore(const std::string& name, std::uint64_t& counter, recovery_report& report) {
  ++counter;
  if (report.ignored_names.size() < recovery_report::names_max)
    report.ignored_names.push_back(name);
}

error_code read_header(file_system& files, listed_segment& segment) {
  const result<file_handle> file = files.open_to_read(segment.name);
  if (!file) return file.error();
  const result<std::uint64_t> size = files.size(*file);
  std::array<std::byte, segment_header_bytes> bytes{};
  const result<std::size_t> got = files.read_at(*file, 0, bytes);
  files.close(*file);
  if (!size) return size.error();
  if (!got) return got.error();
  segment.size_bytes = *size;
  segment.header = decode_segment_header(const_bytes(bytes).first(*got));
  segment.id = segment.has_header() ? segment.header.header.segment_id : segment.name_id;
  if (segment.header.verdict == header_verdict::newer) return journal_errc::newer_format;
  if (segment.header.verdict == header_verdict::older) return journal_errc::older_format;
  return {};
}

/// The writer of most segments; between equals, of the newest one.
std::uint64_t choose_writer(const std::vector<listed_segment>& segments) {
  std::map<std::uint64_t, std::tuple<std::size_t, std::uint64_t>> votes;
  for (const listed_segment& each : segments) {
    if (!each.has_header()) continue;
    auto& [count, newest] = votes[each.header.header.writer_id];
    ++count;
    newest = std::max(newest, each.header.header.created_at_us);
  }
  const auto chosen = std::ranges::max_element(
      votes, {}, [](const auto& each) -> const auto& { return each.second; });
  return chosen == votes.end() ? 0 : chosen->first;
}

/// Of files with one id, the first in this order is read.
auto rank(const listed_segment& of) {
  return std::make_tuple(of.id, !of.has_header(), of.name_id != of.id, of.name_id);
}

}  // namespace

result<segment_listing> list_segments(file_system& files, recovery_report& report) {
  const result<std::vector<std::string>> names = files.list();
  if (!names) return names.error();
  segment_listing listing;
  std::vector<listed_segment> found;
  for (const std::string& name : *names) {
    if (name == lock_name || is_run_note(name)) continue;
    listed_segment segment;
    segment.name = name;
    segment.name_id = segment_id_of(name);
    if (segment.name_id == 0) {
      ignore(name, report.foreign_files, report);
      continue;
    }
    if (const error_code error = read_header(files, segment)) return error;
    listing.next_segment_id =
        std::max({listing.next_segment_id, segment.id + 1, segment.name_id + 1});
    found.push_back(std::move(segment));
  }
  listing.writer_id = choose_writer(found);
  std::ranges::sort(found, {}, rank);
  for (listed_segment& each : found) {
    if (each.has_header() && each.header.header.writer_id != listing.writer_id) {
      ignore(each.name, report.foreign_segments, report);
    } else if (!listing.segments.empty() && listing.segments.back().id == each.id) {
      ignore(each.name, report.duplicate_segments, report);
    } else {
      if (each.name_id != each.id) ++report.renamed_segments;
      listing.segments.push_back(std::move(each));
    }
  }
  return listing;
}

}  // namespace vibes::journal
