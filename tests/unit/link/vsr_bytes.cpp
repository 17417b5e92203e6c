#include "tests/unit/link/vsr_bytes.hpp"

#include <algorithm>

#include "tests/unit/link/byte_cursor.hpp"

namespace vibes::test {
namespace {

constexpr std::size_t header_size = 256;
constexpr std::size_t message_header_size = 48;

std::string short_text(std::string_view of) {
  return number(of.size(), 1) + std::string(of);
}

std::string long_text(std::string_view of) {
  return number(of.size(), 4) + std::string(of);
}

void put(std::string& into, std::size_t at, std::uint64_t value, std::size_t size) {
  into.replace(at, size, number(value, size));
}

std::uint32_t code_of(std::uint64_t operation, std::uint64_t command) {
  switch (operation) {
    case 1: return code::login;
    case 2: return static_cast<std::uint32_t>(command);
    case 128: return code::create_stream;
    case 132: return code::create_topic;
    case 160: return code::send;
    default: throw broken_promise("an operation that the daemon has no use for");
  }
}

std::uint64_t operation_in_reply(std::uint32_t asked) {
  switch (asked) {
    case code::login: return 1;
    case code::create_stream: return 128;
    case code::create_topic: return 64;
    case code::send: return 160;
    default: return 2;
  }
}

vsr_request read_header(std::string_view header) {
  promise(number_in(header, 60, 1) == 5, "a request's speaker");
  vsr_request request;
  const std::uint64_t operation = number_in(header, 176, 1);
  const std::uint64_t command = number_in(header, 196, 4);
  request.code = code_of(operation, command);
  promise((command != 0) == (operation == 2), "a command is named where the operation is 2");
  request.client = {number_in(header, 136, 8), number_in(header, 128, 8)};
  promise(request.client != protocol::message_id{}, "a request has a client");
  request.number = number_in(header, 168, 8);
  request.session = number_in(header, 184, 8);
  const bool opens = operation == 1;
  promise((request.session == 0) == opens, "a session, but in a login");
  promise((request.number == 0) == opens, "a number, but in a login");
  request.incarnation = number_in(header, 200, 8);
  request.metadata_op = number_in(header, 216, 8);
  return request;
}

seen_message read_message(byte_cursor& from, std::uint64_t index) {
  promise(from.number(8) != 0, "a message has a checksum");
  seen_message message;
  message.id.low = from.number(8);
  message.id.high = from.number(8);
  promise(from.number(4) == index, "messages count from the batch's offset");
  from.take(4);  // origin time
  promise(from.number(4) == 0, "no user headers");
  const std::size_t payload_size = from.number(4);
  promise(from.number(8) == 0, "reserved");
  message.payload = from.take(payload_size);
  return message;
}

std::uint32_t version_of(protocol::generation gen) {
  return gen == protocol::generation::iggy_0_9 ? 0x2C00 : 0x3000;
}

}  // namespace

bool is_probe(const vsr_request& request) {
  return request.code == code::login && number_in(request.body, 0, 4) == 0x3FFFFFFF;
}

std::optional<vsr_request> vsr_reader::next() {
  if (unread_.size() < header_size) return std::nullopt;
  const std::size_t size = number_in(unread_, 48, 4);
  promise(size >= header_size, "a frame is at least its header long");
  if (unread_.size() < size) return std::nullopt;
  vsr_request request = read_header(unread_);
  request.body = unread_.substr(header_size, size - header_size);
  unread_.erase(0, size);
  return request;
}

vsr_send read_vsr_send(const vsr_request& request) {
  promise(request.code == code::send, "not a send");
  vsr_send seen{request, 0, {}, {}};
  byte_cursor from(request.body);
  const std::size_t metadata_size = from.number(4);
  const std::size_t after_metadata = from.remaining() - metadata_size;
  promise(from.name() == "vibes" && from.name() == "events", "a send to another topic");
  promise(from.number(1) == 2 && from.number(1) == 4, "an explicit partition id");
  seen.partition = static_cast<std::uint32_t>(from.number(4));
  const std::size_t count = from.number(4);
  promise(from.remaining() == after_metadata, "the length of the metadata");

  const std::size_t batch_size = from.remaining();
  const std::string_view header = from.take(header_size);
  for (const std::size_t server_field : {std::size_t{0}, std::size_t{8}, std::size_t{16}}) {
    promise(number_in(header, server_field, 8) == 0, "a field that is the server's");
  }
  promise(number_in(header, 32, 8) == batch_size, "the length of the batch");
  promise(number_in(header, 40, 8) != 0, "a batch has a checksum");
  promise(number_in(header, 48, 4) == count, "the number of messages, twice");
  if (number_in(header, 52, 1) == 1) {
    seen.stamp =
        seen_stamp{number_in(header, 56, 8), static_cast<std::uint32_t>(number_in(header, 64, 2)),
                   static_cast<std::uint32_t>(number_in(header, 68, 4))};
  }
  for (std::size_t i = 0; i < count; ++i) seen.messages.push_back(read_message(from, i));
  promise(from.remaining() == 0, "bytes behind the last message");
  promise(message_header_size * count < batch_size, "a message is shorter than its header");
  return seen;
}

std::string vsr_reply(const vsr_request& to, std::string_view payload, std::uint32_t status) {
  std::string frame(header_size, '\0');
  put(frame, 48, header_size + payload.size(), 4);
  put(frame, 60, 8, 1);
  put(frame, 200, to.number, 8);
  put(frame, 208, operation_in_reply(to.code), 1);
  put(frame, 216, status, 4);
  return frame + std::string(payload);
}

std::string vsr_eviction(std::uint8_t reason, std::uint32_t version_max,
                         std::uint32_t version_min) {
  std::string frame(header_size, '\0');
  put(frame, 48, header_size, 4);
  put(frame, 60, 13, 1);
  put(frame, 144, version_max, 4);
  put(frame, 148, version_min, 4);
  put(frame, 255, reason, 1);
  return frame;
}

namespace payload {

std::string opened(protocol::generation gen, std::uint64_t session) {
  return number(1, 4) + number(session, 8) + number(version_of(gen), 4) +
         short_text(gen == protocol::generation::iggy_0_9 ? "0.9.0" : "0.10.0");
}

std::string login(protocol::generation gen, std::uint64_t session) {
  return number(0, 4) + opened(gen, session);
}

std::string nodes(protocol::generation gen, const std::vector<vsr_node>& all) {
  std::string written = long_text("cluster") + number(all.size(), 4);
  for (const vsr_node& each : all) {
    if (gen == protocol::generation::iggy_0_10) written += number(each.id, 1);
    written += long_text("node") + long_text(ip_of(each.id)) + number(8090, 2) + number(0, 6) +
               number(each.leads ? 0 : 1, 1) + number(0, 1);
  }
  return written;
}

std::string stream(protocol::generation gen) {
  const std::string options = gen == protocol::generation::iggy_0_10 ? number(0, 8) : number(0, 4);
  return number(1, 4) + number(0, 8) + number(0, 4) + number(0, 8) + number(0, 8) +
         short_text("vibes") + options;
}

std::string topic(protocol::generation gen, const std::vector<protocol::partition_id>& ids,
                  std::uint64_t first_incarnation) {
  const bool is_0_12 = gen == protocol::generation::iggy_0_10;
  std::string written = number(1, 4) + number(0, 8) + number(ids.size(), 4);
  if (!is_0_12) written += std::string(8 + 1 + 8, '\0');
  written += number(0, 8) + number(0, 8) + short_text("events") + number(0, 8);
  for (const protocol::partition_id id : ids) {
    written += number(id, 4) + std::string(36, '\0');
    if (is_0_12) {
      written += number(first_incarnation + id, 8) + number(0, 8) + number(200 + id, 8);
      written += short_text("\x01") + short_text("\x01");
    }
  }
  return written;
}

std::string route(protocol::partition_id id, std::uint8_t node, std::uint64_t first_incarnation) {
  return number(first_incarnation + id, 8) + number(200 + id, 8) + number(1, 4) + number(2, 4) +
         number(node, 1);
}

std::string stored(protocol::partition_id id) {
  return number(1, 4) + number(1, 4) + number(1, 4) + number(id, 4) + number(0, 8);
}

}  // namespace payload
}  // namespace vibes::test
