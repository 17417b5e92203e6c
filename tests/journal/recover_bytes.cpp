#include "tests/journal/recover_bytes.hpp"

#include "tests/journal/damage_kit.hpp"

namespace vibes::test {
namespace {

/// Gives every record that could be one the checksum it needs, so that fuzzing gets past it.
void seal_all(std::span<std::byte> bytes, std::uint64_t segment_id) {
  while (bytes.size() >= queue::record_header_bytes) {
    if (!queue::plausible_record(bytes.data(), bytes.size())) {
      bytes = bytes.subspan(1);
      continue;
    }
    const std::size_t length = queue::decode_record_header(bytes.data()).length;
    queue::seal_record(bytes.first(length), segment_id);
    bytes = bytes.subspan(length);
  }
}

void check(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

}  // namespace

void recover_bytes(protocol::const_bytes input) {
  const std::string name = queue::segment_name(1);
  protocol::byte_vector segment;
  if (!input.empty() && input[0] != std::byte{0}) {
    queue::encode(queue::segment_header{1, 1, 0, writer}, segment);
    segment.insert(segment.end(), input.begin() + 1, input.end());
    seal_all(std::span(segment).subspan(queue::segment_header_bytes), 1);
  } else {
    segment.assign(input.begin(), input.end());
  }
  fake_file_system disk;
  disk.put(name, segment);
  std::vector<std::uint64_t> found;
  {
    queue::journal journal(disk, small_limits(), writer);
    if (!journal.open()) return;  // another version
    found = sequences_in(read_all(journal));
    check(std::ranges::is_sorted(found), "order");
    check(journal.live().count() <= found.size(), "an event that cannot be read is live");
    const std::uint64_t next = journal.next_sequence();
    if (next >= queue::sequence_max || journal.usage().bytes > small_limits().bytes_max / 2) return;
    check(!journal.append(group_of(next, next), wall_clock_us), "append");
    check(!journal.sync(wall_clock_us), "sync");
    found.push_back(next);
  }
  const recovery again = recover(disk.contents());
  check(!again.error, "opening again");
  check(sequences_in(again.events) == found, "events after another start");
}

}  // namespace vibes::test
