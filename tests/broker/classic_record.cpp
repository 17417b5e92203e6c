#include "tests/broker/classic_record.hpp"

#include <xxhash.h>

#include <boost/crc.hpp>

namespace vibes::broker {
namespace {

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
  // 0.5 and 0.6 take the payload as a slice without looking whether it is there, and panic.
  if (traits.header_bytes + payload > slice.size()) return verdict::hang_up();
  if (payload > traits.payload_bytes_max) return verdict::refuse(status::too_big_payload);
  if (headers > user_headers_bytes_max) return verdict::refuse(status::too_big_user_headers);
  if (traits.checks_reserved && load<std::uint64_t>(slice.data() + record_at::reserved) != 0)
    return verdict::refuse(status::invalid_reserved_field);
  const auto offset = load<std::uint64_t>(slice.data() + record_at::offset);
  if (offset < before.offset) return verdict::refuse(status::invalid_offset);
  before.offset = offset;
  return verdict::answer();
}

std::uint32_t crc_of(const std::byte* from, std::size_t size) {
  boost::crc_32_type crc;
  crc.process_bytes(from, size);
  return crc.checksum();
}

/// Over everything behind the checksum itself.
void seal_record(const classic_traits& traits, std::byte* record, std::size_t size) {
  const std::byte* const covered = record + record_at::id;
  const std::size_t covered_bytes = size - record_at::id;
  const std::uint64_t value = traits.checks == checksum::crc_32
                                  ? crc_of(covered, covered_bytes)
                                  : XXH3_64bits(covered, covered_bytes);
  save(record + record_at::checksum, value);
}

/// Over the payload alone.
void seal_record_of_0_4(std::byte* record, std::size_t size) {
  const auto headers = load<std::uint32_t>(record + record_of_0_4_at::user_headers_length);
  const std::size_t payload = record_of_0_4_at::user_headers + headers + sizeof(std::uint32_t);
  save(record + record_of_0_4_at::checksum, crc_of(record + payload, size - payload));
}

}  // namespace

verdict check_records(const classic_traits& traits, bytes_view index, bytes_view records,
                      record_ends& ends) {
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

server_fields server_fields_of(const classic_traits& traits) {
  if (traits.legacy)
    return {record_of_0_4_at::id, record_of_0_4_at::offset, record_of_0_4_at::timestamp};
  return {record_at::id, record_at::offset, record_at::timestamp};
}

void seal_records(const classic_traits& traits, block& in, std::size_t count) {
  for (; in.sealed < count; ++in.sealed) {
    std::byte* record = in.records.data() + in.begin_of(in.sealed);
    const std::size_t size = in.ends[in.sealed] - in.begin_of(in.sealed);
    if (traits.legacy)
      seal_record_of_0_4(record, size);
    else
      seal_record(traits, record, size);
  }
}

}  // namespace vibes::broker
