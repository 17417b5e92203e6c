#include "tests/broker/vsr.hpp"

#include <xxhash.h>

namespace vibes::broker {
namespace {

constexpr vsr_traits traits_0_9{"0.9.0", 9000, 11U << 10, true, false, 29};
constexpr vsr_traits traits_0_10{"0.10.0", 10'000, 12U << 10, false, true, 36};

/// As in the recordings of a real one. Nothing reads it.
constexpr client_id cluster{0xB8BA2787C805BB21U, 0x462DA7E87BC20E8DU};

vsr_handler handler_of(command asked, const vsr_traits& traits) {
  switch (asked) {
    case command::ping: return ping;
    case command::get_stats: return get_stats;
    case command::get_cluster_metadata: return get_cluster_metadata;
    case command::get_me: return get_me;
    case command::login_user: return log_in;
    case command::logout_user: return log_out;
    case command::poll_messages: return poll_messages;
    case command::send_messages: return send_messages;
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
    case command::sync_consumer_group: return sync_consumer_group;
    case command::bind_session: return traits.binds_and_routes ? bind_session : nullptr;
    case command::get_partition_route:
      return traits.binds_and_routes ? get_partition_route : nullptr;
    // A poll that may wait. It is answered with what is there already.
    case command::poll_messages_deferred: return traits.binds_and_routes ? poll_messages : nullptr;
    case command::attach_consumer_session:
      return traits.binds_and_routes ? nullptr : attach_consumer_session;
    case command::get_poll_routing:
    case command::get_consumer_offset_routing:
      return traits.binds_and_routes ? nullptr : get_leading_node;
    case command::poll_messages_on_primary:
      return traits.binds_and_routes ? nullptr : poll_messages;
    case command::login_with_token:
    case command::flush_unsaved_buffer: break;
  }
  return nullptr;
}

bool body_matches(const vsr_request& request) {
  const client_id said = request.head.checksum();
  if (request.traits.binds_and_routes || said == client_id{}) return true;
  return said == client_id{XXH3_64bits(request.body.data(), request.body.size()), 0};
}

/// Who may ask this here: nothing when all is well.
std::optional<outcome> refusal(vsr_request& request) {
  const request_header& head = request.head;
  const bool old_login = head.does() == operation::read && (head.code() == 38 || head.code() == 44);
  if (old_login) return outcome::evict(eviction::malformed_login);
  const command asked = command_of(head);
  if (asked == command::ping || asked == command::login_user || asked == command::bind_session)
    return std::nullopt;
  if (head.does() == operation::read) {
    if (request.session == nullptr) return outcome::deny(status::unauthenticated);
    return std::nullopt;
  }
  if (asked == command::logout_user && request.session == nullptr) return std::nullopt;
  if (request.session == nullptr || head.client() != request.at.who.bound_client)
    return outcome::evict(eviction::no_session);
  // A real 0.9 goes by the connection alone; this one holds the client to what it should say.
  if (head.session() < request.session->number) return outcome::evict(eviction::session_too_low);
  if (head.session() != request.session->number) return outcome::evict(eviction::no_session);
  if (is_internal(head.does())) return outcome::evict(eviction::invalid_operation);
  return std::nullopt;
}

/// Metadata requests go to the leader, and one that comes again gets the answer it got before.
outcome serve_metadata(vsr_request& request, vsr_handler handler) {
  if (check_leader(request) != status::ok) return outcome::deny(status::not_accepted);
  const auto kept = request.session->metadata_replies.find(request.head.request());
  if (kept != request.session->metadata_replies.end()) {
    if (kept->second.identifier != request.head.checksum()) return outcome::stay_silent();
    request.reply = kept->second.reply;
    return outcome::repeat();
  }
  if (request.head.request() <= request.session->metadata_newest)
    return outcome::reject(status::already_applied);
  const outcome ended = handler(request);
  if (ended.is == outcome::kind::answered || ended.is == outcome::kind::rejected) {
    request.op = request.simulation().commit_metadata();
    request.committed = true;
  }
  return ended;
}

outcome serve_request(vsr_request& request) {
  if (const auto no = refusal(request)) return *no;
  if (!body_matches(request)) return outcome::deny(status::invalid_format);
  if (request.traits.binds_and_routes &&
      request.head.metadata_op_min() > request.simulation().metadata_op())
    return outcome::deny(status::not_accepted);
  const command asked = command_of(request.head);
  const vsr_handler handler = handler_of(asked, request.traits);
  if (asked == command::flush_unsaved_buffer) return outcome::deny(status::feature_unavailable);
  if (handler == nullptr) return outcome::deny(status::invalid_command);
  return is_metadata(request.head.does()) ? serve_metadata(request, handler) : handler(request);
}

void finish_header(const vsr_request& request, const outcome& ended, std::byte* head,
                   std::size_t size) {
  save(head + common_at::size, static_cast<std::uint32_t>(size));
  save(head + reply_at::op, request.op);
  save(head + reply_at::commit,
       request.committed ? request.op : request.simulation().metadata_op());
  if (ended.is == outcome::kind::denied) {
    save(head + reply_at::status, static_cast<std::uint32_t>(ended.why));
    // It never came into the log, where some operations are rewritten.
    save(head + reply_at::operation, request.head.does());
  }
  // Replies of a partition name the connection instead of the client, until 0.10.
  const bool partition = request.head.does() >= operation::send;
  if (ended.is == outcome::kind::denied || (partition && !request.traits.binds_and_routes))
    save(head + reply_at::client, client_id{request.at.who.client, 0});
  if (!request.committed) return;
  save(head + common_at::cluster, cluster);
  save(head + reply_at::timestamp, request.at.now_us);
  if (!request.traits.binds_and_routes) return;
  save<std::uint8_t>(head + reply_at::committed, 1);
  save(head + reply_at::incarnation, request.head.incarnation());
}

}  // namespace

std::unique_ptr<const dialect> make_vsr_dialect(const broker_options& options) {
  vsr_traits traits = options.speaks == generation::iggy_0_9 ? traits_0_9 : traits_0_10;
  if (options.protocol != 0) traits.protocol = options.protocol;
  return std::make_unique<vsr_dialect>(traits);
}

bool vsr_dialect::sound(const request_header& head) const {
  if (head.client() == client_id{}) return false;
  const auto number = static_cast<std::uint8_t>(head.does());
  switch (number) {
    case 1: return head.session() == 0 && head.request() == 0;
    case 2: return true;
    case 129:
    case 131:
    case 133:
    case 135:
    case 142:
      if (traits_.binds_and_routes) return false;
      break;
    case 150:
      if (!traits_.binds_and_routes) return false;
      break;
    default: break;
  }
  const bool known = number == 3 || is_internal(head.does()) || (number >= 128 && number <= 150) ||
                     (number >= 160 && number <= 162);
  return known && head.session() > 0 && head.request() > 0;
}

frame vsr_dialect::next_frame(bytes_view buffered) const {
  frame seen;
  seen.size = vsr_header_bytes;
  if (buffered.size() < vsr_header_bytes) return seen;
  seen.size = load<std::uint32_t>(buffered.data() + common_at::size);
  const auto kind = load<std::uint8_t>(buffered.data() + common_at::command);
  if (seen.size < vsr_header_bytes || seen.size > bytes_max || kind > traits_.commands_max) {
    seen.is = frame::kind::hang_up;
    return seen;
  }
  if (buffered.size() < seen.size) return seen;
  seen.head = buffered.first(vsr_header_bytes);
  seen.body = buffered.subspan(vsr_header_bytes, seen.size - vsr_header_bytes);
  const request_header head(seen.head.data());
  const bool request = kind == static_cast<std::uint8_t>(vsr_command::request) && sound(head);
  seen.is = request ? frame::kind::request : frame::kind::dropped;
  seen.asks = command_of(head);
  return seen;
}

verdict vsr_dialect::serve(const frame& asked, serving at, bytes& replies) const {
  bytes reply;
  vsr_request request{traits_, at,   request_header(asked.head.data()), asked.body, reply, nullptr,
                      0,       false};
  begin_reply(reply, request.head);
  const bool framed = is_result_framed(request.head.does());
  if (framed) put<std::uint32_t>(reply, 0);
  request.session = at.with.vsr().find(at.who.bound_client);
  request.op = request.session == nullptr ? 0 : request.session->number;
  const std::uint64_t batches = at.with.counters().batches;
  const outcome ended = serve_request(request);
  verdict given = verdict::answer();
  given.stored = at.with.counters().batches != batches;
  switch (ended.is) {
    case outcome::kind::silent: return verdict::stay_silent();
    case outcome::kind::evicted:
      put_eviction(
          replies, request.head.client(), static_cast<std::uint8_t>(ended.reason),
          ended.reason == eviction::incompatible_protocol ? traits_.protocol : std::uint32_t{0});
      return given;
    case outcome::kind::kept: put_bytes(replies, reply); return given;
    case outcome::kind::denied:
      reply.resize(vsr_header_bytes);
      request.op = 0;
      break;
    case outcome::kind::rejected:
      reply.resize(vsr_header_bytes);
      put<std::uint32_t>(reply, 1);
      put<std::uint32_t>(reply, 0);
      put(reply, static_cast<std::uint32_t>(ended.why));
      break;
    case outcome::kind::answered: break;
  }
  finish_header(request, ended, reply.data(), reply.size());
  if (request.committed && is_metadata(request.head.does()))
    request.session->keep(request.head.request(), {request.head.checksum(), reply});
  put_bytes(replies, reply);
  return given;
}

void vsr_dialect::write_status(std::uint32_t code, const frame& to, bytes& replies) const {
  const request_header head(to.head.data());
  if (head.does() == operation::login) {
    // Most of what a login can meet is an eviction.
    const auto why = static_cast<status>(code);
    const bool evicts = why == status::invalid_credentials || why == status::invalid_token ||
                        why == status::user_inactive;
    const eviction reason = why == status::invalid_credentials ? eviction::invalid_credentials
                            : why == status::invalid_token     ? eviction::invalid_token
                                                               : eviction::user_inactive;
    if (evicts) {
      put_eviction(replies, head.client(), static_cast<std::uint8_t>(reason));
      return;
    }
  }
  const std::size_t start = replies.size();
  begin_reply(replies, head);
  if (is_result_framed(head.does())) {
    put<std::uint32_t>(replies, code == 0 ? 0 : 1);
    if (code != 0) {
      put<std::uint32_t>(replies, 0);
      put(replies, code);
    }
  } else {
    save(replies.data() + start + reply_at::status, code);
  }
  save(replies.data() + start + common_at::size,
       static_cast<std::uint32_t>(replies.size() - start));
}

void vsr_dialect::write_eviction(const session& to, std::uint8_t reason, bytes& word) const {
  const bool versions = reason == static_cast<std::uint8_t>(eviction::incompatible_protocol);
  put_eviction(word, to.bound_client, reason, versions ? traits_.protocol : 0);
}

void vsr_dialect::replied(broker& with, const session& to) const {
  with.vsr().settled(to.bound_client, to.client);
}

void vsr_dialect::left(broker& with, const session& gone) const {
  with.vsr().settled(gone.bound_client, gone.client);
  const vsr_session* const bound = with.vsr().find(gone.bound_client);
  // Until 0.10 a session ends with its connection.
  if (traits_.binds_and_routes || bound == nullptr || bound->number != gone.bound_session) return;
  with.data().client_left(bound->member());
  with.vsr().forget(gone.bound_client);
}

outcome deny_unless_ok(status why) {
  return why == status::ok ? outcome::answer() : outcome::deny(why);
}

status missing(const vsr_request& request, status what) {
  return request.traits.binds_and_routes ? what : status::resource_not_found;
}

vsr_partition& standing_of(vsr_request& request, partition& of, std::uint32_t number) {
  return request.at.with.vsr_standing(of, number);
}

status check_route(vsr_request& request, partition& of, std::uint32_t number) {
  if (!request.traits.binds_and_routes) return status::ok;
  const vsr_partition& standing = standing_of(request, of, number);
  if (request.head.incarnation() != standing.incarnation) return status::history_unavailable;
  return standing.primary == request.at.who.node ? status::ok : status::not_primary;
}

}  // namespace vibes::broker
