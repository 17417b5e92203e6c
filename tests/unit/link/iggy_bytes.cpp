#include "tests/unit/link/iggy_bytes.hpp"

#include "tests/unit/link/byte_cursor.hpp"
#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {
namespace {

using cursor = byte_cursor;

constexpr std::size_t index_entry_size = 16;
constexpr std::size_t message_header_size = 64;

seen_message read_message(cursor& from) {
  seen_message message;
  promise(from.number(8) == 0, "the checksum is the server's");
  message.id.low = from.number(8);
  message.id.high = from.number(8);
  promise(from.number(8) == 0, "the offset is the server's");
  promise(from.number(8) == 0, "the timestamp is the server's");
  from.take(8);  // origin timestamp
  promise(from.number(4) == 0, "no user headers");
  const std::size_t payload_size = from.number(4);
  promise(from.number(8) == 0, "reserved");
  message.payload = from.take(payload_size);
  return message;
}

}  // namespace

std::optional<seen_request> request_reader::next() {
  if (unread_.size() < 4) return std::nullopt;
  const std::size_t length = cursor(unread_).number(4);
  promise(length >= 4, "a request is at least its code long");
  if (unread_.size() < 4 + length) return std::nullopt;
  seen_request request;
  request.code = static_cast<std::uint32_t>(cursor(std::string_view(unread_).substr(4)).number(4));
  request.body = unread_.substr(8, length - 4);
  unread_.erase(0, 4 + length);
  return request;
}

seen_send read_send(const seen_request& request) {
  promise(request.code == code::send, "not a send");
  cursor from(request.body);
  const std::size_t metadata_size = from.number(4);
  const std::size_t after_metadata = from.remaining() - metadata_size;
  seen_send seen;
  seen.stream = from.name();
  seen.topic = from.name();
  promise(from.number(1) == 2 && from.number(1) == 4, "an explicit partition id");
  seen.partition = static_cast<std::uint32_t>(from.number(4));
  const std::size_t count = from.number(4);
  promise(from.remaining() == after_metadata, "the length of the metadata");

  cursor index(from.take(count * index_entry_size));
  const std::size_t messages_size = from.remaining();
  for (std::size_t i = 0; i < count; ++i) {
    seen.messages.push_back(read_message(from));
    promise(index.number(4) == 0, "the index's offset is zero");
    promise(index.number(4) == messages_size - from.remaining(), "the index's end position");
    promise(index.number(8) == 0, "the index's timestamp is zero");
  }
  promise(from.remaining() == 0, "bytes behind the last message");
  promise(message_header_size * count <= messages_size, "a message is shorter than its header");
  return seen;
}

std::string number(std::uint64_t value, std::size_t bytes) {
  std::string written;
  for (std::size_t i = 0; i < bytes; ++i) {
    written.push_back(static_cast<char>(value & 0xff));
    value >>= 8;
  }
  return written;
}

std::string reply(std::uint32_t status, std::string_view payload) {
  return number(status, 4) + number(payload.size(), 4) + std::string(payload);
}

std::string ok() {
  return reply(0);
}

std::string nothing_there() {
  return reply(0);
}

std::string login_reply() {
  return reply(0, number(1, 4));
}

std::string stats_reply(std::string_view server_version) {
  const auto text = [](std::string_view of) { return number(of.size(), 4) + std::string(of); };
  return reply(0, std::string(108, '\0') + text("host") + text("linux") + text("6.1") +
                      text("6.1.0-1") + text(server_version) + number(8'000, 4) + number(0, 4));
}

std::string stream_reply() {
  return reply(0, number(1, 4) + number(0, 8) + number(0, 4) + number(0, 8) + number(0, 8) +
                      number(5, 1) + "vibes");
}

std::string topic_reply(const std::vector<protocol::partition_id>& ids) {
  std::string payload = number(1, 4) + number(0, 8) + number(ids.size(), 4) + number(0, 8) +
                        number(1, 1) + number(0, 8) + number(1, 1) + number(0, 8) + number(0, 8) +
                        number(6, 1) + "events";
  for (const protocol::partition_id id : ids) {
    payload += number(id, 4) + std::string(36, '\0');
  }
  return reply(0, payload);
}

std::string topic_reply(std::uint32_t partitions_count) {
  return topic_reply(partitions(partitions_count));
}

}  // namespace vibes::test
