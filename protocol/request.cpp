#include "protocol/request.hpp"

namespace vibes::protocol {

std::string_view to_string(command what) noexcept {
  switch (what) {
    case command::ping: return "ping";
    case command::get_stats: return "get_stats";
    case command::get_cluster_metadata: return "get_cluster_metadata";
    case command::bind_session: return "bind_session";
    case command::login_with_password: return "login";
    case command::logout: return "logout";
    case command::login_with_token: return "login_with_token";
    case command::poll_messages: return "poll_messages";
    case command::send_messages: return "send_messages";
    case command::get_partition_route: return "get_partition_route";
    case command::get_consumer_offset: return "get_consumer_offset";
    case command::store_consumer_offset: return "store_consumer_offset";
    case command::get_stream: return "get_stream";
    case command::create_stream: return "create_stream";
    case command::get_topic: return "get_topic";
    case command::create_topic: return "create_topic";
  }
  return "unknown";
}

namespace {

struct command_visitor {
  command operator()(const ping&) const { return command::ping; }
  command operator()(const get_stats&) const { return command::get_stats; }
  command operator()(const get_cluster_metadata&) const { return command::get_cluster_metadata; }
  command operator()(const login_with_password&) const { return command::login_with_password; }
  command operator()(const login_with_token&) const { return command::login_with_token; }
  command operator()(const logout&) const { return command::logout; }
  command operator()(const get_stream&) const { return command::get_stream; }
  command operator()(const create_stream&) const { return command::create_stream; }
  command operator()(const get_topic&) const { return command::get_topic; }
  command operator()(const create_topic&) const { return command::create_topic; }
  command operator()(const poll_messages&) const { return command::poll_messages; }
  command operator()(const store_consumer_offset&) const { return command::store_consumer_offset; }
  command operator()(const get_consumer_offset&) const { return command::get_consumer_offset; }
  command operator()(const bind_session&) const { return command::bind_session; }
  command operator()(const get_partition_route&) const { return command::get_partition_route; }
};

}  // namespace

command command_of(const control_request& request) noexcept {
  return std::visit(command_visitor{}, request);
}

}  // namespace vibes::protocol
