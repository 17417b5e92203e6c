#include "protocol/vsr/batch.hpp"

#include <algorithm>

#include "protocol/fields.hpp"
#include "protocol/vsr/checksum.hpp"
#include "protocol/vsr/header.hpp"

namespace vibes::protocol::vsr {
namespace {

std::size_t frame_size(const outgoing_message& message) noexcept {
  return frame_header_size + message.payload.size() + message.user_headers.size();
}

/// When the batch's first message was made: the others count from there.
struct time_span {
  std::uint64_t first = 0;
  bool fits = true;
};

time_span span_of(std::span<const outgoing_message> messages) noexcept {
  const auto [first, last] = std::ranges::minmax(messages, {}, &outgoing_message::origin_time_us);
  return {first.origin_time_us, last.origin_time_us - first.origin_time_us <= 0xffff'ffff};
}

error_code check_producer(const batch_view& batch, generation gen) noexcept {
  if (!batch.producer) return {};
  if (!has_producers(gen)) return make_error_code(wire_errc::unsupported_generation);
  const bool fits = batch.producer->producer_id <= producer_id_max &&
                    batch.producer->epoch <= producer_epoch_max &&
                    batch.producer->base_sequence <= producer_sequence_mask;
  return fits ? error_code() : make_error_code(wire_errc::value_out_of_range);
}

// What is reserved stays zero. Returns the frame's size.
std::size_t store_frame(std::byte* at, const outgoing_message& message, std::uint32_t index,
                        std::uint64_t batch_time_us) noexcept {
  const std::size_t size = frame_size(message);
  store_number(at + frame_at::id, message.id.low);
  store_number(at + frame_at::id + 8, message.id.high);
  store_number(at + frame_at::offset_delta, index);
  store_number(at + frame_at::timestamp_delta,
               static_cast<std::uint32_t>(message.origin_time_us - batch_time_us));
  store_number(at + frame_at::user_headers_length,
               static_cast<std::uint32_t>(message.user_headers.size()));
  store_number(at + frame_at::payload_length, static_cast<std::uint32_t>(message.payload.size()));
  store_bytes(at + frame_header_size, message.payload);
  store_bytes(at + frame_header_size + message.payload.size(), message.user_headers);
  store_number(at + frame_at::checksum, checksum_of({at + frame_at::id, size - frame_at::id}));
  return size;
}

// What the server fills in (partition, offset, time of storing) stays zero, and is hashed as that.
void store_batch_header(std::byte* at, const batch_view& batch, std::size_t batch_size,
                        std::uint64_t batch_time_us) noexcept {
  store_number(at + batch_header_at::origin_timestamp, batch_time_us);
  store_number(at + batch_header_at::length, std::uint64_t{batch_size});
  store_number(at + batch_header_at::count, static_cast<std::uint32_t>(batch.messages.size()));
  if (!batch.producer) return;
  at[batch_header_at::producer_flag] = std::byte{1};
  store_number(at + batch_header_at::producer_id, batch.producer->producer_id);
  store_number(at + batch_header_at::producer_epoch, batch.producer->epoch);
  store_number(at + batch_header_at::producer_sequence, batch.producer->base_sequence);
}

/// Begins a batch's checksum: its header without the checksum, and the producer section if there is
/// one; the frames' checksums follow.
running_checksum begin_checksum(const std::byte* header, bool producer) noexcept {
  running_checksum sum;
  sum.add(header, batch_header_at::checksum);
  sum.add(header + batch_header_at::count, sizeof(std::uint32_t));
  if (producer) {
    sum.add(header + batch_header_at::producer_flag, 1);
    sum.add(header + batch_header_at::producer_id, sizeof(std::uint64_t));
    sum.add(header + batch_header_at::producer_epoch, sizeof(std::uint16_t));
    sum.add(header + batch_header_at::producer_sequence, sizeof(std::uint32_t));
  }
  return sum;
}

void store_batch(std::byte* at, const batch_view& batch, std::size_t batch_size,
                 std::uint64_t batch_time_us) noexcept {
  store_batch_header(at, batch, batch_size, batch_time_us);
  running_checksum sum = begin_checksum(at, batch.producer.has_value());
  std::byte* frame = at + batch_header_size;
  std::uint32_t index = 0;
  for (const outgoing_message& each : batch.messages) {
    const std::size_t size = store_frame(frame, each, index++, batch_time_us);
    sum.add(frame + frame_at::checksum, sizeof(std::uint64_t));
    frame += size;
  }
  store_number(at + batch_header_at::checksum, sum.value());
}

/// Exact size of the body that is formed, for valid names.
std::size_t body_size(const batch_view& batch) noexcept {
  std::size_t size = send_metadata_size(batch) + batch_header_size;
  for (const outgoing_message& each : batch.messages) size += frame_size(each);
  return size;
}

}  // namespace

error_code encode_batch(const batch_view& batch, generation gen, byte_vector& to) {
  if (const error_code error = check_messages(batch)) return error;
  if (const error_code error = check_producer(batch, gen)) return error;
  const time_span times = span_of(batch.messages);
  if (!times.fits) return make_error_code(wire_errc::time_span);
  const std::size_t size = body_size(batch);
  if (size > frame_size_limit - header_size) {
    return make_error_code(wire_errc::value_out_of_range);
  }

  const std::size_t begin = to.size();
  byte_writer metadata(to);
  write_send_metadata(metadata, batch);
  const std::size_t metadata_size = metadata.written();
  if (const error_code error = metadata.finish()) return error;
  to.resize(begin + size);
  store_batch(to.data() + begin + metadata_size, batch, size - metadata_size, times.first);
  return {};
}

}  // namespace vibes::protocol::vsr
