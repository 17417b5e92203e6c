#include "tests/broker/vsr_header.hpp"

namespace vibes::broker {
namespace {

/// The server rewrites some operations on their way through its log, and replies with those.
std::uint8_t answered_as(operation does) {
  switch (does) {
    case operation::create_topic: return 64;
    case operation::create_partitions: return 65;
    default: return static_cast<std::uint8_t>(does);
  }
}

}  // namespace

command command_of(const request_header& asked) {
  switch (asked.does()) {
    case operation::login: return command::login_user;
    case operation::logout: return command::logout_user;
    case operation::create_stream: return command::create_stream;
    case operation::delete_stream: return command::delete_stream;
    case operation::create_topic: return command::create_topic;
    case operation::delete_topic: return command::delete_topic;
    case operation::create_partitions: return command::create_partitions;
    case operation::create_group: return command::create_consumer_group;
    case operation::delete_group: return command::delete_consumer_group;
    case operation::join_group: return command::join_consumer_group;
    case operation::leave_group: return command::leave_consumer_group;
    case operation::send: return command::send_messages;
    case operation::store_offset: return command::store_consumer_offset;
    case operation::delete_offset: return command::delete_consumer_offset;
    default: break;
  }
  // What else is replicated is told apart by its operation, far from any code.
  if (asked.does() != operation::read)
    return static_cast<command>(100'000 + static_cast<std::uint32_t>(asked.does()));
  return static_cast<command>(asked.code());
}

void begin_reply(bytes& to, const request_header& asked) {
  const std::size_t start = to.size();
  to.resize(start + vsr_header_bytes);
  std::byte* const head = to.data() + start;
  save(head + common_at::size, static_cast<std::uint32_t>(vsr_header_bytes));
  save(head + common_at::command, static_cast<std::uint8_t>(vsr_command::reply));
  save(head + reply_at::checksum, asked.checksum());
  save(head + reply_at::client, asked.client());
  save(head + reply_at::request, asked.request());
  save(head + reply_at::operation, answered_as(asked.does()));
}

void put_eviction(bytes& to, const client_id& whom, std::uint8_t reason, std::uint32_t version) {
  const std::size_t start = to.size();
  to.resize(start + vsr_header_bytes);
  std::byte* const head = to.data() + start;
  save(head + common_at::size, static_cast<std::uint32_t>(vsr_header_bytes));
  save(head + common_at::command, static_cast<std::uint8_t>(vsr_command::eviction));
  save(head + eviction_at::client, whom);
  save(head + eviction_at::version_max, version);
  save(head + eviction_at::version_min, version);
  save(head + eviction_at::reason, reason);
}

}  // namespace vibes::broker
