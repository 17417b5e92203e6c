#include "tests/broker/vsr_batch.hpp"

#include <xxhash.h>

#include <algorithm>

namespace vibes::broker {
namespace {

bool all_zero(bytes_view raw) {
  return std::ranges::all_of(raw, [](std::byte each) { return each == std::byte{0}; });
}

/// What the batch's checksum covers: its header's facts, its producer, its frames' checksums.
std::uint64_t checksum_of(const std::byte* head, bytes_view frames,
                          std::span<const std::uint32_t> ends, std::size_t begin) {
  bytes covered;
  put_bytes(covered, {head, batch_at::checksum});
  put_bytes(covered, {head + batch_at::count, 4});
  const std::byte* const section = head + batch_at::producer;
  if (section[0] != std::byte{0}) {
    put_bytes(covered, {section, 1});
    put_bytes(covered, {section + 4, 10});  // id and epoch
    put_bytes(covered, {section + 16, 4});  // sequence
  }
  std::size_t at = 0;
  for (const std::uint32_t end : ends) {
    put_bytes(covered, frames.subspan(at, 8));
    at = end - begin;
  }
  return XXH3_64bits(covered.data(), covered.size());
}

bool read_producer(sent_batch& into) {
  const std::byte* const section = into.section.data();
  if (section[0] == std::byte{0}) return all_zero(into.section);
  producer_claim claim{load<std::uint64_t>(section + 4), load<std::uint16_t>(section + 12),
                       load<std::uint32_t>(section + 16)};
  if (section[0] != std::byte{1} || !all_zero({section + 1, 3}) || !all_zero({section + 14, 2}))
    return false;
  if (claim.id >> 63 != 0 || claim.epoch >> 15 != 0 || claim.base_sequence >> 31 != 0) return false;
  into.producer = claim;
  return true;
}

bool read_frames(sent_batch& into) {
  std::size_t at = 0;
  while (at < into.frames.size()) {
    if (into.frames.size() - at < frame_at::header_bytes) return false;
    const std::byte* const frame = into.frames.data() + at;
    const std::size_t size = frame_at::header_bytes +
                             load<std::uint32_t>(frame + frame_at::user_headers_length) +
                             load<std::uint32_t>(frame + frame_at::payload_length);
    if (size > into.frames.size() - at) return false;
    if (load<std::uint64_t>(frame + frame_at::reserved) != 0) return false;
    if (load<std::uint64_t>(frame + frame_at::checksum) !=
        XXH3_64bits(frame + frame_at::hashed, size - frame_at::hashed))
      return false;
    at += size;
    into.ends.push_back(static_cast<std::uint32_t>(at));
  }
  return into.ends.size() == into.count;
}

}  // namespace

bool read_batch(bytes_view raw, std::uint32_t count, bool producers_known, sent_batch& into) {
  if (raw.size() < batch_at::header_bytes || count == 0) return false;
  const std::byte* const head = raw.data();
  if (load<std::uint64_t>(head + batch_at::length) != raw.size()) return false;
  if (load<std::uint32_t>(head + batch_at::count) != count) return false;
  if (!all_zero(raw.subspan(batch_at::reserved, batch_at::header_bytes - batch_at::reserved)))
    return false;
  into.count = count;
  into.origin_us = load<std::uint64_t>(head + batch_at::origin_timestamp);
  into.section = load<producer_section>(head + batch_at::producer);
  if (!producers_known && !all_zero(into.section)) return false;
  into.frames = raw.subspan(batch_at::header_bytes);
  if (!read_producer(into) || !read_frames(into)) return false;
  return load<std::uint64_t>(head + batch_at::checksum) ==
         checksum_of(head, into.frames, into.ends, 0);
}

void put_batch(bytes& to, const batch_facts& facts, bytes_view frames,
               std::span<const std::uint32_t> ends, std::size_t begin) {
  const std::size_t start = to.size();
  to.resize(start + batch_at::header_bytes);
  std::byte* const head = to.data() + start;
  save(head + batch_at::partition, facts.partition);
  save(head + batch_at::base_offset, facts.base_offset);
  save(head + batch_at::base_timestamp, facts.stored_us);
  save(head + batch_at::origin_timestamp, facts.origin_us);
  save(head + batch_at::length, std::uint64_t{batch_at::header_bytes + frames.size()});
  save(head + batch_at::count, static_cast<std::uint32_t>(ends.size()));
  save(head + batch_at::producer, facts.producer);
  save(head + batch_at::checksum, checksum_of(head, frames, ends, begin));
  put_bytes(to, frames);
}

}  // namespace vibes::broker
