#include "tests/unit/journal/recover_bytes.hpp"

#include "tests/unit/journal/damage_support.hpp"

namespace vibes::test {
namespace {

constexpr std::uint64_t segments_max = 8;

/// Gives every record that could be one the checksum it needs, so that fuzzing gets past it.
void seal_all(std::span<std::byte> bytes, std::uint64_t segment_id) {
  while (bytes.size() >= journal::record_header_bytes) {
    if (!journal::plausible_record(bytes.data(), bytes.size())) {
      bytes = bytes.subspan(1);
      continue;
    }
    const std::size_t length = journal::decode_record_header(bytes.data()).length;
    journal::seal_record(bytes.first(length), segment_id);
    bytes = bytes.subspan(length);
  }
}

void check(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

std::size_t take_size(protocol::const_bytes& rest) {
  if (rest.size() < 2) return rest.size();
  const std::size_t size =
      std::to_integer<std::size_t>(rest[0]) | std::to_integer<std::size_t>(rest[1]) << 8;
  rest = rest.subspan(2);
  return std::min(size, rest.size());
}

/// With a header that fits, and checksums that verify.
protocol::byte_vector sealed(protocol::const_bytes records, std::uint64_t id) {
  protocol::byte_vector segment;
  journal::encode(journal::segment_header{id, id, 0, writer}, segment);
  segment.insert(segment.end(), records.begin(), records.end());
  seal_all(std::span(segment).subspan(journal::segment_header_bytes), id);
  return segment;
}

directory_contents directory_of(protocol::const_bytes input) {
  directory_contents files;
  if (input.empty()) return files;
  const auto form = static_cast<directory_form>(input[0] & std::byte{1});
  input = input.subspan(1);
  for (std::uint64_t id = 1; id <= segments_max && !input.empty(); ++id) {
    const std::size_t size = take_size(input);
    const protocol::const_bytes bytes = input.first(size);
    input = input.subspan(size);
    files[journal::segment_name(id)] = form == directory_form::sealed
                                           ? sealed(bytes, id)
                                           : protocol::byte_vector(bytes.begin(), bytes.end());
  }
  return files;
}

/// The next start finds the same, as nothing was written. Unless a segment went: a beginning that
/// was made up may not repeat what the older ones said, and then they are missed; and a file that
/// was ignored takes the place of one that went.
void check_same(const recovery& one, const recovery& other) {
  check(!other.error, "opening again");
  if (one.after.size() < one.report.segments + 1) return;
  check(one.events == other.events, "what one start finds the next one does");
  check(one.batches == other.batches, "the batches that one start finds the next one does");
}

}  // namespace

protocol::byte_vector directory_input(directory_form form,
                                      const std::vector<protocol::byte_vector>& segments) {
  protocol::byte_vector input(1, static_cast<std::byte>(form));
  for (const protocol::byte_vector& each : segments) {
    const std::size_t left_out =
        form == directory_form::sealed ? std::min(journal::segment_header_bytes, each.size()) : 0;
    const std::size_t size = each.size() - left_out;
    input.push_back(static_cast<std::byte>(size));
    input.push_back(static_cast<std::byte>(size >> 8));
    input.insert(input.end(), each.begin() + static_cast<std::ptrdiff_t>(left_out), each.end());
  }
  return input;
}

void recover_bytes(protocol::const_bytes input) {
  const recovery first = recover(directory_of(input));
  if (first.error) return;  // another version
  // What was ignored may take the place of what went.
  if (!first.report.ignored_names.empty()) return;
  check_same(first, recover(first.after));
  fake_file_system disk;
  disk.put_all(first.after);
  std::vector<std::uint64_t> found;
  {
    journal::journal journal(disk, small_limits(), writer);
    check(journal.open().has_value(), "opening again");
    found = sequences_in(read_all(journal));
    check(std::ranges::is_sorted(found), "order");
    check(journal.live().count() == found.size(), "an event that cannot be read is live");
    const std::uint64_t next = journal.next_sequence();
    if (next >= journal::sequence_max || journal.usage().bytes > small_limits().bytes_max / 2)
      return;
    check(!journal.append(group_of(next, next), wall_clock_us), "append");
    check(!journal.sync(wall_clock_us), "sync");
    found.push_back(next);
  }
  const recovery last = recover(disk.contents());
  check(!last.error, "opening again");
  check(sequences_in(last.events) == found, "events after another start");
}

}  // namespace vibes::test
