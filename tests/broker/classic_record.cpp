#include "tests/broker/classic_record.hpp"

#include <xxhash.h>

namespace vibes::broker {
namespace {

constexpr std::uint32_t payload_bytes_max = 64'000'000;
constexpr std::uint32_t user_headers_bytes_max = 100'000;

struct previous {
  std::uint64_t offset = 0;
  std::uint32_t position = 0;
};

status check_index(const std::byte* entry) {
  if (load<std::uint32_t>(entry + index_entry::offset) != 0) return status::non_zero_offset;
  if (load<std::uint64_t>(entry + index_entry::timestamp) != 0) return status::non_zero_timestamp;
  return status::ok;
}

/// One record in the slice that the index gives it. `total` is the size its own lengths say.
verdict check_record(const classic_traits& traits, bytes_view slice, previous& before,
                     std::size_t& total) {
  if (slice.size() < traits.header_bytes) return verdict::refuse(status::missing_index);
  const std::size_t payload = load<std::uint32_t>(slice.data() + record_at::payload_length);
  const std::size_t headers = load<std::uint32_t>(slice.data() + record_at::user_headers_length);
  total = traits.header_bytes + payload + headers;
  if (total > slice.size() && traits.header_bytes == 64)
    return verdict::refuse(status::missing_index);
  // 0.6 takes the payload as a slice without looking whether it is there, and panics.
  if (traits.header_bytes + payload > slice.size()) return verdict::hang_up();
  if (payload > payload_bytes_max) return verdict::refuse(status::too_big_payload);
  if (headers > user_headers_bytes_max) return verdict::refuse(status::too_big_user_headers);
  if (traits.checks_reserved && load<std::uint64_t>(slice.data() + record_at::reserved) != 0)
    return verdict::refuse(status::invalid_reserved_field);
  const auto offset = load<std::uint64_t>(slice.data() + record_at::offset);
  if (offset < before.offset) return verdict::refuse(status::invalid_offset);
  before.offset = offset;
  return verdict::answer();
}

}  // namespace

verdict check_records(const classic_traits& traits, bytes_view index, bytes_view records,
                      std::vector<std::uint32_t>& ends) {
  const std::size_t count = index.size() / index_entry::bytes;
  if (count == 0) return verdict::refuse(status::invalid_messages_count);
  ends.reserve(count);
  previous before;
  bool sizes_agree = true;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < count; ++at) {
    const std::byte* entry = index.data() + at * index_entry::bytes;
    const status sound = check_index(entry);
    if (sound != status::ok) return verdict::refuse(sound);
    const auto position = load<std::uint32_t>(entry + index_entry::position);
    const std::size_t end = at + 1 == count ? records.size() : position;
    if (begin > end || end > records.size()) return verdict::refuse(status::missing_index);
    std::size_t total = 0;
    const verdict checked =
        check_record(traits, records.subspan(begin, end - begin), before, total);
    if (checked.is != verdict::kind::answered) return checked;
    if (position < before.position) return verdict::refuse(status::invalid_index_position);
    before.position = position;
    sizes_agree = sizes_agree && total == end - begin;
    ends.push_back(static_cast<std::uint32_t>(end));
    begin = end;
  }
  return sizes_agree ? verdict::answer() : verdict::refuse(status::invalid_messages_size);
}

void seal_records(block& in, std::size_t count) {
  for (; in.sealed < count; ++in.sealed) {
    std::byte* record = in.records.data() + in.begin_of(in.sealed);
    const std::size_t size = in.ends[in.sealed] - in.begin_of(in.sealed);
    save(record + record_at::checksum, XXH3_64bits(record + record_at::id, size - record_at::id));
  }
}

}  // namespace vibes::broker
