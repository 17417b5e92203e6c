#include "daemon/link/disposition.hpp"

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
  disposition what;
};

// First match wins: rules for one scope stand before the general rule of the same number.
constexpr std::array rules = {
    // A send whose body the server did not take as we meant it may leave unread bytes in its
    // stream: only a fresh connection is known to be in step (docs/wire.md, "Silence and
    // desynchronised streams").
    rule{iggy_errc::invalid_command, scope::send, disposition::reconnect},
    rule{iggy_errc::invalid_format, scope::send, disposition::reconnect},
    rule{iggy_errc::invalid_identifier, scope::send, disposition::reconnect},
    rule{iggy_errc::invalid_size, scope::send, disposition::reconnect},
    rule{iggy_errc::not_committed, scope::send, disposition::repeat},
    rule{iggy_errc::already_applied, scope::send, disposition::already_applied},
    rule{iggy_errc::not_accepted, scope::any, disposition::refresh_topology},
    rule{iggy_errc::not_primary, scope::any, disposition::refresh_topology},
    rule{iggy_errc::history_unavailable, scope::any, disposition::renew_route},
    rule{iggy_errc::request_too_old, scope::send, disposition::renew},
    rule{iggy_errc::lifecycle_busy, scope::any, disposition::renew},
    rule{iggy_errc::producer_out_of_order, scope::send, disposition::renew_producer},
    rule{iggy_errc::producer_fenced, scope::send, disposition::renew_producer},
    rule{iggy_errc::producer_unknown, scope::send, disposition::renew_producer},
    rule{iggy_errc::producer_partition_required, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::invalid_session, scope::any, disposition::login_again},
    rule{iggy_errc::unauthenticated, scope::any, disposition::reconnect},
    rule{iggy_errc::stale_client, scope::any, disposition::reconnect},
    rule{iggy_errc::client_not_found, scope::any, disposition::reconnect},
    rule{iggy_errc::disconnected, scope::any, disposition::reconnect},
    rule{iggy_errc::tcp_error, scope::any, disposition::reconnect},
    rule{iggy_errc::connection_closed, scope::any, disposition::reconnect},
    rule{iggy_errc::task_timeout, scope::any, disposition::reconnect},
    rule{iggy_errc::io_error, scope::any, disposition::reconnect},
    rule{iggy_errc::stream_name_exists, scope::create, disposition::proceed},
    rule{iggy_errc::topic_id_exists, scope::create, disposition::proceed},
    rule{iggy_errc::topic_name_exists, scope::create, disposition::proceed},
    // At a login it is the token that is not there; else what the request names.
    rule{iggy_errc::resource_not_found, scope::login, disposition::wait_for_operator},
    rule{iggy_errc::resource_not_found, scope::any, disposition::refresh_topology},
    rule{iggy_errc::stream_id_not_found, scope::any, disposition::refresh_topology},
    rule{iggy_errc::stream_name_not_found, scope::any, disposition::refresh_topology},
    rule{iggy_errc::topic_id_not_found, scope::any, disposition::refresh_topology},
    rule{iggy_errc::topic_name_not_found, scope::any, disposition::refresh_topology},
    rule{iggy_errc::partition_not_found, scope::any, disposition::refresh_topology},
    rule{iggy_errc::no_partitions, scope::any, disposition::refresh_topology},
    rule{iggy_errc::topic_full, scope::send, disposition::retry},
    rule{iggy_errc::shard_not_found, scope::any, disposition::retry},
    rule{iggy_errc::shard_communication_error, scope::any, disposition::retry},
    rule{iggy_errc::error, scope::send, disposition::retry},
    rule{iggy_errc::too_big_payload, scope::send, disposition::refuse},
    rule{iggy_errc::too_big_user_headers, scope::send, disposition::refuse},
    // These say that the server reads another message layout than we write: a wrong guess of the
    // generation, which the next handshake corrects.
    rule{iggy_errc::missing_index, scope::send, disposition::reconnect},
    rule{iggy_errc::invalid_messages_size, scope::send, disposition::reconnect},
    rule{iggy_errc::invalid_reserved_field, scope::send, disposition::reconnect},
    rule{iggy_errc::invalid_offset, scope::send, disposition::reconnect},
    rule{iggy_errc::invalid_messages_count, scope::send, disposition::reconnect},
    rule{iggy_errc::unauthorized, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::invalid_credentials, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::invalid_username, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::invalid_password, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::user_inactive, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::invalid_token, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::token_expired, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::invalid_stream_name, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::invalid_topic_name, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::invalid_topic_size, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::too_many_partitions, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::feature_unavailable, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::invalid_command, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::invalid_format, scope::any, disposition::wait_for_operator},
    rule{iggy_errc::invalid_identifier, scope::any, disposition::wait_for_operator},
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

disposition classify_wire(wire_errc code) noexcept {
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
    case wire_errc::malformed: return disposition::wait_for_operator;
    // Too far apart in time is a matter of the batch: its halves are not.
    case wire_errc::time_span:
    case wire_errc::payload_too_large: return disposition::refuse;
    // To the server our numbers are used up. Under the same ones it would go on to say so, and for
    // a request that is repeated that counts as stored.
    case wire_errc::unconfirmed_send: return disposition::login_again;
    // A proxy whose server is away hangs up too.
    case wire_errc::login_withheld:
    case wire_errc::no_leader:
    case wire_errc::truncated:
    case wire_errc::trailing_bytes:
    case wire_errc::empty_batch:
    case wire_errc::unexpected_reply: break;
  }
  return disposition::reconnect;
}

disposition classify_eviction(eviction_errc reason) noexcept {
  switch (reason) {
    case eviction_errc::session_too_low:
    case eviction_errc::session_release_mismatch:
    case eviction_errc::session_error: return disposition::login_again;
    case eviction_errc::invalid_credentials:
    case eviction_errc::invalid_token:
    case eviction_errc::user_inactive:
    case eviction_errc::incompatible_protocol:
    case eviction_errc::malformed_login:
    case eviction_errc::client_release_too_low:
    case eviction_errc::client_release_too_high:
    case eviction_errc::invalid_operation:
    case eviction_errc::invalid_body:
    case eviction_errc::invalid_body_size: return disposition::wait_for_operator;
    case eviction_errc::no_session:
    case eviction_errc::stale_client: break;
  }
  return disposition::reconnect;
}

disposition meaning_of(command to, const protocol::error_code& error) noexcept {
  if (error.category() == protocol::wire_category()) {
    return classify_wire(static_cast<wire_errc>(error.value()));
  }
  if (error.category() == protocol::eviction_category()) {
    return classify_eviction(static_cast<eviction_errc>(error.value()));
  }
  if (error.category() != protocol::iggy_category()) return disposition::reconnect;
  const auto found = std::ranges::find_if(rules, [&](const rule& each) {
    return static_cast<int>(each.status) == error.value() && applies(each.where, to);
  });
  return found == rules.end() ? disposition::reconnect : found->what;
}

}  // namespace

disposition classify(command to, const protocol::error_code& error) noexcept {
  if (!error) return disposition::proceed;
  const disposition what = meaning_of(to, error);
  // A session that the server will not have taken up would be offered to it for ever. The login
  // that follows hears what is really wrong.
  const bool given_up =
      what == disposition::wait_for_operator || error == make_error_code(eviction_errc::no_session);
  return to == command::bind_session && given_up ? disposition::login_again : what;
}

}  // namespace vibes::link
