#include "daemon/link/retry_decision.hpp"

#include <algorithm>
#include <array>

#include "protocol/error.hpp"

namespace vibes::link {
namespace {

using protocol::command;
using protocol::eviction_errc;
using protocol::iggy_errc;
using protocol::wire_errc;

enum class scope : std::uint8_t { any, send, create, login };

struct rule {
  iggy_errc status;
  scope where;
  retry_decision what;
};

// First match wins: rules for one scope stand before the general rule of the same number.
constexpr std::array rules = {
    // A send whose body the server did not take as we meant it may leave unread bytes in its
    // stream: only a fresh connection is known to be in step (docs/wire.md, "Silence and
    // desynchronised streams").
    rule{iggy_errc::invalid_command, scope::send, retry_decision::reconnect},
    rule{iggy_errc::invalid_format, scope::send, retry_decision::reconnect},
    rule{iggy_errc::invalid_identifier, scope::send, retry_decision::reconnect},
    rule{iggy_errc::invalid_size, scope::send, retry_decision::reconnect},
    rule{iggy_errc::not_committed, scope::send, retry_decision::repeat},
    rule{iggy_errc::already_applied, scope::send, retry_decision::already_applied},
    rule{iggy_errc::not_accepted, scope::any, retry_decision::refresh_topology},
    rule{iggy_errc::not_primary, scope::any, retry_decision::refresh_topology},
    rule{iggy_errc::history_unavailable, scope::any, retry_decision::renew_route},
    rule{iggy_errc::request_too_old, scope::send, retry_decision::renew},
    rule{iggy_errc::lifecycle_busy, scope::any, retry_decision::renew},
    rule{iggy_errc::producer_out_of_order, scope::send, retry_decision::renew_producer},
    rule{iggy_errc::producer_fenced, scope::send, retry_decision::renew_producer},
    rule{iggy_errc::producer_unknown, scope::send, retry_decision::renew_producer},
    rule{iggy_errc::producer_partition_required, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::invalid_session, scope::any, retry_decision::login_again},
    rule{iggy_errc::unauthenticated, scope::any, retry_decision::reconnect},
    rule{iggy_errc::stale_client, scope::any, retry_decision::reconnect},
    rule{iggy_errc::client_not_found, scope::any, retry_decision::reconnect},
    rule{iggy_errc::disconnected, scope::any, retry_decision::reconnect},
    rule{iggy_errc::tcp_error, scope::any, retry_decision::reconnect},
    rule{iggy_errc::connection_closed, scope::any, retry_decision::reconnect},
    rule{iggy_errc::task_timeout, scope::any, retry_decision::reconnect},
    rule{iggy_errc::io_error, scope::any, retry_decision::reconnect},
    rule{iggy_errc::stream_name_exists, scope::create, retry_decision::proceed},
    rule{iggy_errc::topic_id_exists, scope::create, retry_decision::proceed},
    rule{iggy_errc::topic_name_exists, scope::create, retry_decision::proceed},
    // At a login it is the token that is not there; else what the request names.
    rule{iggy_errc::resource_not_found, scope::login, retry_decision::wait_for_operator},
    rule{iggy_errc::resource_not_found, scope::any, retry_decision::refresh_topology},
    rule{iggy_errc::stream_id_not_found, scope::any, retry_decision::refresh_topology},
    rule{iggy_errc::stream_name_not_found, scope::any, retry_decision::refresh_topology},
    rule{iggy_errc::topic_id_not_found, scope::any, retry_decision::refresh_topology},
    rule{iggy_errc::topic_name_not_found, scope::any, retry_decision::refresh_topology},
    rule{iggy_errc::partition_not_found, scope::any, retry_decision::refresh_topology},
    rule{iggy_errc::no_partitions, scope::any, retry_decision::refresh_topology},
    rule{iggy_errc::topic_full, scope::send, retry_decision::retry},
    rule{iggy_errc::shard_not_found, scope::any, retry_decision::retry},
    rule{iggy_errc::shard_communication_error, scope::any, retry_decision::retry},
    rule{iggy_errc::error, scope::send, retry_decision::retry},
    rule{iggy_errc::too_big_payload, scope::send, retry_decision::refuse},
    rule{iggy_errc::too_big_user_headers, scope::send, retry_decision::refuse},
    // These say that the server reads another message layout than we write: a wrong guess of the
    // generation, which the next handshake corrects.
    rule{iggy_errc::missing_index, scope::send, retry_decision::reconnect},
    rule{iggy_errc::invalid_messages_size, scope::send, retry_decision::reconnect},
    rule{iggy_errc::invalid_reserved_field, scope::send, retry_decision::reconnect},
    rule{iggy_errc::invalid_offset, scope::send, retry_decision::reconnect},
    rule{iggy_errc::invalid_messages_count, scope::send, retry_decision::reconnect},
    rule{iggy_errc::unauthorized, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::invalid_credentials, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::invalid_username, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::invalid_password, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::user_inactive, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::invalid_token, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::token_expired, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::invalid_stream_name, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::invalid_topic_name, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::invalid_topic_size, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::too_many_partitions, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::feature_unavailable, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::invalid_command, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::invalid_format, scope::any, retry_decision::wait_for_operator},
    rule{iggy_errc::invalid_identifier, scope::any, retry_decision::wait_for_operator},
};

bool applies(scope where, command to) noexcept {
  switch (where) {
    case scope::any: return true;
    case scope::send: return to == command::send_messages;
    case scope::create: return to == command::create_stream || to == command::create_topic;
    case scope::login: return is_login(to);
  }
  return false;
}

retry_decision classify_wire(wire_errc code) noexcept {
  switch (code) {
    case wire_errc::unsupported_generation:
    case wire_errc::generation_mismatch:
    case wire_errc::no_partitions:
    case wire_errc::too_many_partitions:
    case wire_errc::stream_missing:
    case wire_errc::topic_missing:
    case wire_errc::name_length:
    case wire_errc::value_out_of_range:
    // A peer whose first bytes are not Iggy's will not become Iggy by asking faster.
    case wire_errc::malformed: return retry_decision::wait_for_operator;
    // Too far apart in time is a matter of the batch: its halves are not.
    case wire_errc::time_span:
    case wire_errc::payload_too_large: return retry_decision::refuse;
    // To the server our numbers are used up. Under the same ones it would go on to say so, and for
    // a request that is repeated that counts as stored.
    case wire_errc::unconfirmed_send: return retry_decision::login_again;
    // A proxy whose server is away hangs up too.
    case wire_errc::login_withheld:
    case wire_errc::no_leader:
    case wire_errc::truncated:
    case wire_errc::trailing_bytes:
    case wire_errc::empty_batch:
    case wire_errc::unexpected_reply: break;
  }
  return retry_decision::reconnect;
}

retry_decision classify_eviction(eviction_errc reason) noexcept {
  switch (reason) {
    case eviction_errc::session_too_low:
    case eviction_errc::session_release_mismatch:
    case eviction_errc::session_error: return retry_decision::login_again;
    case eviction_errc::invalid_credentials:
    case eviction_errc::invalid_token:
    case eviction_errc::user_inactive:
    case eviction_errc::incompatible_protocol:
    case eviction_errc::malformed_login:
    case eviction_errc::client_release_too_low:
    case eviction_errc::client_release_too_high:
    case eviction_errc::invalid_operation:
    case eviction_errc::invalid_body:
    case eviction_errc::invalid_body_size: return retry_decision::wait_for_operator;
    case eviction_errc::no_session:
    case eviction_errc::stale_client: break;
  }
  return retry_decision::reconnect;
}

retry_decision meaning_of(command to, const protocol::error_code& error) noexcept {
  if (error.category() == protocol::wire_category()) {
    return classify_wire(static_cast<wire_errc>(error.value()));
  }
  if (error.category() == protocol::eviction_category()) {
    return classify_eviction(static_cast<eviction_errc>(error.value()));
  }
  if (error.category() != protocol::iggy_category()) return retry_decision::reconnect;
  const auto found = std::ranges::find_if(rules, [&](const rule& each) {
    return static_cast<int>(each.status) == error.value() && applies(each.where, to);
  });
  return found == rules.end() ? retry_decision::reconnect : found->what;
}

}  // namespace

retry_decision classify(command to, const protocol::error_code& error) noexcept {
  if (!error) return retry_decision::proceed;
  const retry_decision what = meaning_of(to, error);
  // A session that the server will not have taken up would be offered to it for ever. The login
  // that follows hears what is really wrong.
  const bool given_up = what == retry_decision::wait_for_operator ||
                        error == make_error_code(eviction_errc::no_session);
  return to == command::bind_session && given_up ? retry_decision::login_again : what;
}

}  // namespace vibes::link
