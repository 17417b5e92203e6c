#include "tests/broker/classic.hpp"

namespace vibes::broker {
namespace {

constexpr classic_traits traits_0_6{
    "0.6.0", 6000, 56, false, false, false, true, false, status::partition_not_found, false};
constexpr classic_traits traits_0_7{
    "0.7.0", 7000, 64, false, true, true, false, false, status::topic_not_found, true};
constexpr classic_traits traits_0_8{
    "0.8.0", 8000, 64, true, true, true, false, true, status::topic_not_found, true};

classic_handler handler_of(command asked) {
  switch (asked) {
    case command::ping: return ping;
    case command::get_stats: return get_stats;
    case command::get_cluster_metadata: return get_cluster_metadata;
    case command::get_me: return get_me;
    case command::login_user: return login_user;
    case command::logout_user: return logout_user;
    case command::login_with_token: return login_with_token;
    case command::poll_messages: return poll_messages;
    case command::send_messages: return send_messages;
    case command::flush_unsaved_buffer: return flush_unsaved_buffer;
    case command::get_consumer_offset: return get_consumer_offset;
    case command::store_consumer_offset: return store_consumer_offset;
    case command::delete_consumer_offset: return delete_consumer_offset;
    case command::get_stream: return get_stream;
    case command::get_streams: return get_streams;
    case command::create_stream: return create_stream;
    case command::delete_stream: return delete_stream;
    case command::get_topic: return get_topic;
    case command::get_topics: return get_topics;
    case command::create_topic: return create_topic;
    case command::delete_topic: return delete_topic;
    case command::create_partitions: return create_partitions;
    case command::get_consumer_group: return get_consumer_group;
    case command::get_consumer_groups: return get_consumer_groups;
    case command::create_consumer_group: return create_consumer_group;
    case command::delete_consumer_group: return delete_consumer_group;
    case command::join_consumer_group: return join_consumer_group;
    case command::leave_consumer_group: return leave_consumer_group;
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<const dialect> make_dialect(generation speaks) {
  switch (speaks) {
    case generation::classic_0_6: return std::make_unique<classic_dialect>(traits_0_6);
    case generation::classic_0_7: return std::make_unique<classic_dialect>(traits_0_7);
    case generation::classic_0_8: break;
  }
  return std::make_unique<classic_dialect>(traits_0_8);
}

frame classic_dialect::next_frame(bytes_view buffered) const {
  frame seen;
  seen.size = frame_header_bytes;
  if (buffered.size() < frame_header_bytes) return seen;
  const auto length = load<std::uint32_t>(buffered.data());
  seen.asks = static_cast<command>(load<std::uint32_t>(buffered.data() + 4));
  seen.why = status::invalid_command;
  if (length < 4) {
    seen.is = traits_.answers_malformed ? frame::kind::refused : frame::kind::hang_up;
    return seen;
  }
  const bool is_send = seen.asks == command::send_messages;
  if (!traits_.answers_malformed && handler_of(seen.asks) == nullptr) {
    seen.is = frame::kind::hang_up;
    return seen;
  }
  if (!is_send && traits_.answers_malformed && length - 4 > control_body_bytes_max) {
    seen.is = frame::kind::refused;
    return seen;
  }
  // 0.6 and 0.7 do not read what a ping carries: it becomes the next frame.
  const bool body_unread = seen.asks == command::ping && !traits_.answers_malformed;
  const std::size_t body_bytes = body_unread ? 0 : length - 4;
  seen.size = frame_header_bytes + body_bytes;
  if (seen.size > send_bytes_max) {
    seen.is = frame::kind::hang_up;
    return seen;
  }
  if (buffered.size() < seen.size) return seen;
  seen.is = frame::kind::request;
  seen.body = buffered.subspan(frame_header_bytes, body_bytes);
  return seen;
}

verdict classic_dialect::serve(const frame& request, serving at, bytes& replies) const {
  const classic_handler handler = handler_of(request.asks);
  if (handler == nullptr) return verdict::refuse(status::invalid_command);
  const std::size_t start = replies.size();
  replies.resize(start + frame_header_bytes);
  classic_request seen{traits_, at, request.body, replies};
  const verdict ended = handler(seen);
  if (ended.is != verdict::kind::answered) {
    replies.resize(start);
    return ended;
  }
  const std::size_t body_bytes = replies.size() - start - frame_header_bytes;
  save(replies.data() + start, static_cast<std::uint32_t>(status::ok));
  save(replies.data() + start + 4, static_cast<std::uint32_t>(body_bytes));
  return ended;
}

void classic_dialect::write_status(std::uint32_t code, bytes& replies) const {
  put<std::uint32_t>(replies, code);
  put<std::uint32_t>(replies, 0);
}

verdict malformed(const classic_request& request, status why) {
  return request.traits.answers_malformed ? verdict::refuse(why) : verdict::hang_up();
}

bool unknown_visitor(const classic_request& request) {
  return !request.at.who.logged_in;
}

status take_identifier(fields& from, identifier& into) {
  const auto kind = from.take<std::uint8_t>();
  const auto size = from.take<std::uint8_t>();
  const bytes_view value = from.take(size);
  if (!from.whole() || (kind != 1 && kind != 2)) return status::invalid_command;
  if (kind == 1 ? size != 4 : size == 0) return status::invalid_format;
  if (kind == 1)
    into = load<std::uint32_t>(value.data());
  else
    into = as_text(value);
  return status::ok;
}

bool take_name(fields& from, std::string_view& into) {
  into = as_text(from.take(from.take<std::uint8_t>()));
  return from.whole() && !into.empty();
}

}  // namespace vibes::broker
