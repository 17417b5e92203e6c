#include "daemon/journal/journal_format.hpp"

#define XXH_INLINE_ALL
#define XXH_NO_INLINE_HINTS 1  // forced inlining fails without optimisation
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "daemon/base/assert.hpp"
#include "daemon/journal/journal_errc.hpp"
#include "protocol/bytes.hpp"

namespace vibes::journal {
namespace {

using protocol::byte_reader;
using protocol::byte_writer;
using protocol::store_number;

constexpr std::string_view magic = "VIBESJNL";
constexpr std::size_t header_checksum_at = 56;
constexpr std::size_t record_checksum_at = 16;

template <class T>
T number_at(const std::byte* at) noexcept {
  T value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value = static_cast<T>(value | static_cast<T>(static_cast<T>(at[i]) << (8 * i)));
  }
  return value;
}

/// Writes the record's header around whatever `body` writes.
template <class Body>
void encode_record(record_kind kind, std::uint8_t flags, std::uint64_t sequence, byte_vector& to,
                   Body&& body) {
  const std::size_t begin = to.size();
  byte_writer writer(to, record_bytes_max);
  const std::size_t length_at = writer.reserve_u32();
  writer.u8(static_cast<std::uint8_t>(kind));
  writer.u8(flags);
  writer.u16(0);
  writer.u64(sequence);
  writer.u64(0);
  body(writer);
  writer.patch_u32(length_at, static_cast<std::uint32_t>(to.size() - begin));
  VIBES_ASSERT(!writer.finish());
}

void put_varint(std::uint64_t value, byte_writer& writer) {
  while (value >= 0x80) {
    writer.u8(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  writer.u8(static_cast<std::uint8_t>(value));
}

/// False when it does not end, or does not fit.
bool take_varint(byte_reader& reader, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (reader.remaining() == 0) return false;
    const std::uint64_t part = reader.u8();
    if (shift == 63 && part > 1) return false;
    value |= (part & 0x7f) << shift;
    if (part < 0x80) return true;
  }
  return false;
}

void put_range(sequence_range range, std::uint64_t& cursor, byte_writer& writer) {
  put_varint(range.first - cursor, writer);
  put_varint(range.last - range.first, writer);
  cursor = range.last + 2;
}

result<sequence_set> take_ranges(byte_reader& reader, std::uint64_t cursor) {
  sequence_set taken;
  while (reader.remaining() > 0) {
    std::uint64_t skip = 0;
    std::uint64_t more = 0;
    if (!take_varint(reader, skip) || !take_varint(reader, more))
      return journal_errc::malformed_body;
    if (taken.empty() && skip != 0) return journal_errc::malformed_body;
    if (cursor > sequence_max || skip > sequence_max - cursor) return journal_errc::malformed_body;
    const std::uint64_t first = cursor + skip;
    if (more > sequence_max - first) return journal_errc::malformed_body;
    taken.add({first, first + more});
    cursor = first + more + 2;
  }
  if (taken.empty()) return journal_errc::malformed_body;
  return taken;
}

byte_reader body_of(const_bytes record) {
  return byte_reader(record.subspan(record_header_bytes));
}

}  // namespace

void encode(const segment_header& header, byte_vector& to) {
  const std::size_t begin = to.size();
  byte_writer writer(to);
  writer.text(magic);
  writer.u32(journal_format_version);
  writer.u32(0);
  writer.u64(header.segment_id);
  writer.u64(header.first_sequence);
  writer.u64(header.created_at_us);
  writer.u64(header.writer_id);
  writer.u64(0);
  writer.u64(XXH3_64bits(to.data() + begin, header_checksum_at));
}

decoded_header decode_segment_header(const_bytes from) noexcept {
  decoded_header decoded;
  if (from.size() < segment_header_bytes) return decoded;
  const std::byte* at = from.data();
  if (std::memcmp(at, magic.data(), magic.size()) != 0) return decoded;
  if (number_at<std::uint64_t>(at + header_checksum_at) != XXH3_64bits(at, header_checksum_at)) {
    return decoded;
  }
  const auto version = number_at<std::uint32_t>(at + 8);
  if (version != journal_format_version) {
    decoded.verdict =
        version > journal_format_version ? header_verdict::newer : header_verdict::older;
    return decoded;
  }
  decoded.header = {number_at<std::uint64_t>(at + 16), number_at<std::uint64_t>(at + 24),
                    number_at<std::uint64_t>(at + 32), number_at<std::uint64_t>(at + 40)};
  const bool sensible =
      decoded.header.segment_id >= 1 && decoded.header.segment_id <= sequence_max &&
      decoded.header.first_sequence >= 1 && decoded.header.first_sequence <= sequence_max;
  if (sensible) decoded.verdict = header_verdict::good;
  return decoded;
}

bool plausible_record(const std::byte* at, std::uint64_t length_max) noexcept {
  if (at[6] != std::byte{0} || at[7] != std::byte{0}) return false;
  const auto kind = static_cast<std::uint8_t>(at[4]);
  if (kind < 1 || kind > 4 || (static_cast<std::uint8_t>(at[5]) & ~record_flags_known) != 0) {
    return false;
  }
  const auto length = number_at<std::uint32_t>(at);
  if (length < record_header_bytes || length > record_bytes_max || length > length_max)
    return false;
  const auto sequence = number_at<std::uint64_t>(at + 8);
  return sequence >= 1 && sequence <= sequence_max;
}

record_header decode_record_header(const std::byte* at) noexcept {
  return {number_at<std::uint32_t>(at), static_cast<record_kind>(at[4]),
          static_cast<std::uint8_t>(at[5]), number_at<std::uint64_t>(at + 8),
          number_at<std::uint64_t>(at + record_checksum_at)};
}

std::uint64_t record_checksum(const_bytes record, std::uint64_t segment_id) noexcept {
  XXH3_state_t state;
  XXH3_INITSTATE(&state);  // or the reset would trust what the stack happened to hold
  XXH3_64bits_reset_withSeed(&state, segment_id);
  XXH3_64bits_update(&state, record.data(), record_checksum_at);
  const const_bytes body = record.subspan(record_header_bytes);
  if (!body.empty()) XXH3_64bits_update(&state, body.data(), body.size());
  return XXH3_64bits_digest(&state);
}

void set_record_flags(std::span<std::byte> record, std::uint8_t flags) noexcept {
  record[5] = static_cast<std::byte>(flags);
}

void seal_record(std::span<std::byte> record, std::uint64_t segment_id) noexcept {
  store_number(record.data() + record_checksum_at, record_checksum(record, segment_id));
}

void encode(const event_record& event, std::uint8_t flags, byte_vector& to) {
  VIBES_ASSERT(event.payload.size() <= protocol::payload_size_max);
  // In one piece: this is done for every event, by the thread that has all else to do too.
  std::array<std::byte, event_overhead_bytes> head{};  // docs/journal-format.md, "Kind 1, event"
  store_number(&head[0], static_cast<std::uint32_t>(head.size() + event.payload.size()));
  head[4] = static_cast<std::byte>(record_kind::event);
  head[5] = static_cast<std::byte>(flags);
  store_number(&head[8], event.sequence);
  store_number(&head[24], event.id.low);
  store_number(&head[32], event.id.high);
  store_number(&head[40], event.session);
  store_number(&head[44], event.origin_time_us);
  to.insert(to.end(), head.begin(), head.end());
  to.insert(to.end(), event.payload.begin(), event.payload.end());
}

void encode(const recorded_batch& batch, std::uint8_t flags, byte_vector& to) {
  VIBES_ASSERT(!batch.events.empty());
  if (batch.dissolved) flags |= flag_dissolved;
  encode_record(record_kind::batch, flags, batch.events.first(), to, [&](byte_writer& writer) {
    writer.u32(batch.partition);
    writer.u8(batch.generation);
    writer.u8(0);
    writer.u16(0);
    writer.u64(batch.producer_id);
    writer.u32(batch.epoch);
    writer.u64(batch.base_sequence);
    std::uint64_t cursor = batch.events.first();
    for (const sequence_range& each : batch.events.ranges()) put_range(each, cursor, writer);
  });
}

void encode_identity(byte_vector& to) {
  encode_record(record_kind::identity, 0, 1, to, [](byte_writer& writer) {
    for (std::size_t i = 0; i < identity_body_bytes; i += sizeof(std::uint64_t)) writer.u64(0);
  });
}

void encode_release(const sequence_set& settled, std::uint8_t flags, byte_vector& to) {
  constexpr std::size_t range_bytes_max = 20;
  auto next = settled.ranges().begin();
  const auto end = settled.ranges().end();
  while (next != end) {
    encode_record(record_kind::release, flags, next->first, to, [&](byte_writer& writer) {
      std::uint64_t cursor = next->first;
      const std::size_t full = record_header_bytes + release_body_bytes_max - range_bytes_max;
      while (next != end && writer.written() <= full) put_range(*next++, cursor, writer);
    });
  }
}

result<event_record> decode_event(const_bytes record) {
  byte_reader body = body_of(record);
  event_record event;
  event.sequence = decode_record_header(record.data()).sequence;
  event.id = body.u128();
  event.session = body.u32();
  event.origin_time_us = body.u64();
  if (body.error() || body.remaining() > protocol::payload_size_max) {
    return journal_errc::malformed_body;
  }
  event.payload = body.take(body.remaining());
  return event;
}

result<recorded_batch> decode_batch(const_bytes record) {
  const record_header header = decode_record_header(record.data());
  byte_reader body = body_of(record);
  recorded_batch batch;
  batch.partition = body.u32();
  batch.generation = body.u8();
  body.skip(3);
  batch.producer_id = body.u64();
  batch.epoch = body.u32();
  batch.base_sequence = body.u64();
  batch.dissolved = (header.flags & flag_dissolved) != 0;
  if (body.error()) return journal_errc::malformed_body;
  result<sequence_set> events = take_ranges(body, header.sequence);
  if (!events) return events.error();
  batch.events = std::move(*events);
  return batch;
}

result<sequence_set> decode_release(const_bytes record) {
  byte_reader body = body_of(record);
  return take_ranges(body, decode_record_header(record.data()).sequence);
}

}  // namespace vibes::journal
