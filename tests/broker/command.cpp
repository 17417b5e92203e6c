#include "tests/broker/command.hpp"

#include <charconv>
#include <utility>

namespace vibes::broker {
namespace {

constexpr std::pair<command, std::string_view> names[] = {
    {command::ping, "ping"},
    {command::get_stats, "get_stats"},
    {command::get_cluster_metadata, "get_cluster_metadata"},
    {command::attach_consumer_session, "attach_consumer_session"},
    {command::bind_session, "bind_session"},
    {command::get_me, "get_me"},
    {command::login_user, "login_user"},
    {command::logout_user, "logout_user"},
    {command::login_with_token, "login_with_token"},
    {command::poll_messages, "poll_messages"},
    {command::send_messages, "send_messages"},
    {command::flush_unsaved_buffer, "flush_unsaved_buffer"},
    {command::get_poll_routing, "get_poll_routing"},
    {command::poll_messages_on_primary, "poll_messages_on_primary"},
    {command::get_partition_route, "get_partition_route"},
    {command::poll_messages_deferred, "poll_messages_deferred"},
    {command::get_consumer_offset, "get_consumer_offset"},
    {command::store_consumer_offset, "store_consumer_offset"},
    {command::delete_consumer_offset, "delete_consumer_offset"},
    {command::get_consumer_offset_routing, "get_consumer_offset_routing"},
    {command::get_stream, "get_stream"},
    {command::get_streams, "get_streams"},
    {command::create_stream, "create_stream"},
    {command::delete_stream, "delete_stream"},
    {command::get_topic, "get_topic"},
    {command::get_topics, "get_topics"},
    {command::create_topic, "create_topic"},
    {command::delete_topic, "delete_topic"},
    {command::create_partitions, "create_partitions"},
    {command::get_consumer_group, "get_consumer_group"},
    {command::get_consumer_groups, "get_consumer_groups"},
    {command::create_consumer_group, "create_consumer_group"},
    {command::delete_consumer_group, "delete_consumer_group"},
    {command::join_consumer_group, "join_consumer_group"},
    {command::leave_consumer_group, "leave_consumer_group"},
    {command::sync_consumer_group, "sync_consumer_group"},
};

}  // namespace

std::string name_of(command wanted) {
  for (const auto& [code, name] : names)
    if (code == wanted) return std::string(name);
  return std::to_string(static_cast<std::uint32_t>(wanted));
}

std::optional<command> command_named(std::string_view text) {
  for (const auto& [code, name] : names)
    if (name == text) return code;
  std::uint32_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return static_cast<command>(number);
}

}  // namespace vibes::broker
