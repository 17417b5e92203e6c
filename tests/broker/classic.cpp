#include "tests/broker/classic.hpp"
#include "tests/broker/vsr.hpp"

namespace vibes::broker {
namespace {

constexpr classic_traits traits_0_4{.version = "0.4.96",
                                    .semver = 4096,
                                    .legacy = true,
                                    .early = true,
                                    .payload_bytes_max = 10'000'000,
                                    .checks = checksum::crc_32,
                                    .answers_malformed = true,
                                    .logged_in = send_login::before_lookup,
                                    .counts_new_segments = true,
                                    .topic_bytes_default = 10'000'000'000,
                                    .segment_bytes = 1'000'000'000};
constexpr classic_traits traits_0_5{.version = "0.5.0",
                                    .semver = 5000,
                                    .early = true,
                                    .header_bytes = 56,
                                    .payload_bytes_max = 10'000'000,
                                    .checks = checksum::crc_32,
                                    .logged_in = send_login::before_lookup,
                                    .counts_new_segments = true};
constexpr classic_traits traits_0_6{.version = "0.6.0",
                                    .semver = 6000,
                                    .header_bytes = 56,
                                    .logged_in = send_login::when_appending,
                                    .counts_new_segments = true,
                                    .balanced_nowhere = status::partition_not_found};
constexpr classic_traits traits_0_7{
    .version = "0.7.0", .semver = 7000, .metadata_needs_login = true, .checks_reserved = true};
constexpr classic_traits traits_0_8{.version = "0.8.0",
                                    .semver = 8000,
                                    .answers_malformed = true,
                                    .metadata_needs_login = true,
                                    .stats_have_disk = true,
                                    .checks_reserved = true};

/// Whether there is such a command in this generation, of those that are served at all.
bool knows(const classic_traits& traits, command asked) {
  switch (asked) {
    case command::get_cluster_metadata: return !traits.early;
    case command::delete_consumer_offset: return !traits.legacy;
    default: return true;
  }
}

/// Commands without a body; before 0.8 one that has one is malformed.
bool takes_nothing(command asked) {
  switch (asked) {
    case command::ping:
    case command::get_stats:
    case command::get_me:
    case command::logout_user:
    case command::get_streams: return true;
    default: return false;
  }
}

/// Null for a command that this server does not know.
classic_handler handler_of(const classic_traits& traits, command asked) {
  if (!knows(traits, asked)) return nullptr;
  switch (asked) {
    case command::ping: return ping;
    case command::get_stats: return get_stats;
    case command::get_cluster_metadata: return get_cluster_metadata;
    case command::get_me: return get_me;
    case command::login_user: return login_user;
    case command::logout_user: return logout_user;
    case command::login_with_token: return login_with_token;
    case command::poll_messages: return poll_messages;
    case command::send_messages:
      return traits.legacy ? send_messages_0_4 : classic_handler{send_messages};
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
    case command::attach_consumer_session:
    case command::bind_session:
    case command::get_poll_routing:
    case command::poll_messages_on_primary:
    case command::get_consumer_offset_routing:
    case command::get_partition_route:
    case command::poll_messages_deferred:
    case command::sync_consumer_group: break;  // VSR only
  }
  return nullptr;
}

}  // namespace

const classic_traits& traits_of_0_8() {
  return traits_0_8;
}

std::unique_ptr<const dialect> make_dialect(const broker_options& options) {
  switch (options.speaks) {
    case generation::iggy_0_4: return std::make_unique<classic_dialect>(traits_0_4);
    case generation::iggy_0_5: return std::make_unique<classic_dialect>(traits_0_5);
    case generation::iggy_0_6: return std::make_unique<classic_dialect>(traits_0_6);
    case generation::iggy_0_7: return std::make_unique<classic_dialect>(traits_0_7);
    case generation::iggy_0_8: break;
    case generation::iggy_0_9:
    case generation::iggy_0_10: return make_vsr_dialect(options);
  }
  return std::make_unique<classic_dialect>(traits_0_8);
}

frame classic_dialect::next_frame(bytes_view buffered) const {
  if (traits_.legacy) return next_whole_frame(buffered);
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
  if (!traits_.answers_malformed && handler_of(traits_, seen.asks) == nullptr) {
    seen.is = frame::kind::hang_up;
    return seen;
  }
  if (!is_send && traits_.answers_malformed && length - 4 > control_body_bytes_max) {
    seen.is = frame::kind::refused;
    return seen;
  }
  // 0.5 to 0.7 do not read what a ping carries: it becomes the next frame.
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

/// 0.4 reads the length, then as many bytes, and only then looks at them.
frame classic_dialect::next_whole_frame(bytes_view buffered) {
  frame seen;
  seen.size = sizeof(std::uint32_t);
  if (buffered.size() < seen.size) return seen;
  const std::size_t length = load<std::uint32_t>(buffered.data());
  if (length < 4 || 4 + length > send_bytes_max) {
    seen.is = frame::kind::hang_up;
    return seen;
  }
  seen.size = 4 + length;
  if (buffered.size() < seen.size) return seen;
  seen.is = frame::kind::request;
  seen.asks = static_cast<command>(load<std::uint32_t>(buffered.data() + 4));
  seen.body = buffered.subspan(frame_header_bytes, length - 4);
  return seen;
}

verdict classic_dialect::serve(const frame& request, serving at, bytes& replies) const {
  const classic_handler handler = handler_of(traits_, request.asks);
  if (handler == nullptr) return verdict::refuse(status::invalid_command);
  const std::size_t start = replies.size();
  classic_request seen{traits_, at, request.body, replies};
  const bool skips_body = traits_.answers_malformed && !traits_.legacy;
  if (takes_nothing(request.asks) && !request.body.empty() && !skips_body) return malformed(seen);
  replies.resize(start + frame_header_bytes);
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

void classic_dialect::write_status(std::uint32_t code, const frame&, bytes& replies) const {
  put<std::uint32_t>(replies, code);
  put<std::uint32_t>(replies, 0);
}

void classic_dialect::write_farewell(bytes& replies) const {
  write_status(static_cast<std::uint32_t>(status::disconnected), {}, replies);
}

verdict malformed(const classic_request& request, status why) {
  if (!request.traits.answers_malformed) return verdict::hang_up();
  const bool not_whole = why <= status::invalid_identifier;
  return verdict::refuse(request.traits.legacy && not_whole ? status::invalid_command : why);
}

bool unknown_visitor(const classic_request& request) {
  return !request.at.who.logged_in;
}

}  // namespace vibes::broker
