#include "protocol/classic/send.hpp"

#include "protocol/classic/layout.hpp"
#include "protocol/fields.hpp"

namespace vibes::protocol::classic {
namespace {

std::size_t record_size(const outgoing_message& message, std::size_t header_size) noexcept {
  return header_size + message.payload.size() + message.user_headers.size();
}

// What the server fills in (checksum, offset, timestamp) and what is reserved stays zero.
void store_record(std::byte* at, const outgoing_message& message,
                  std::size_t header_size) noexcept {
  store_number(at + message_header::id, message.id.low);
  store_number(at + message_header::id + 8, message.id.high);
  store_number(at + message_header::origin_timestamp, message.origin_time_us);
  store_number(at + message_header::user_headers_length,
               static_cast<std::uint32_t>(message.user_headers.size()));
  store_number(at + message_header::payload_length,
               static_cast<std::uint32_t>(message.payload.size()));
  store_bytes(at + header_size, message.payload);
  store_bytes(at + header_size + message.payload.size(), message.user_headers);
}

/// Exact size of the body that is formed, for valid names.
std::size_t body_size(const batch_view& batch, std::size_t header_size) noexcept {
  std::size_t size = send_metadata_size(batch) + batch.messages.size() * index_entry_size;
  for (const outgoing_message& each : batch.messages) size += record_size(each, header_size);
  return size;
}

}  // namespace

error_code encode_send(const batch_view& batch, std::size_t header_size, byte_vector& to) {
  if (const error_code error = check_messages(batch)) return error;
  const std::size_t begin = to.size();
  const std::size_t size = body_size(batch, header_size);
  if (size > frame_body_size_max) return make_error_code(wire_errc::value_out_of_range);

  byte_writer metadata(to);
  write_send_metadata(metadata, batch);
  const std::size_t metadata_size = metadata.written();
  if (const error_code error = metadata.finish()) return error;
  to.resize(begin + size);

  std::byte* index = to.data() + begin + metadata_size;
  std::byte* const records = index + batch.messages.size() * index_entry_size;
  std::size_t end = 0;
  for (const outgoing_message& each : batch.messages) {
    store_record(records + end, each, header_size);
    end += record_size(each, header_size);
    store_number(index + 4, static_cast<std::uint32_t>(end));  // offset and timestamp stay zero
    index += index_entry_size;
  }
  return {};
}

}  // namespace vibes::protocol::classic
