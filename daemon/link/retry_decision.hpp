#pragma once

#include <cstdint>

#include "protocol/codec.hpp"

namespace vibes::link {

/// What an error of Iggy or of the wire means for the link.
enum class retry_decision : std::uint8_t {
  proceed,           // not an error for us (created by somebody else meanwhile)
  retry,             // not applied, nothing wrong with it: the same again after a pause
  repeat,            // may be applied: the very same request again, under its number, after a pause
  already_applied,   // it was, before; only a request that went out before can be
  renew,             // this request is over, its batch is not: a new one after a pause
  renew_producer,    // the server does not know our place in the partition: a new epoch, a new one
  reconnect,         // the connection, or our place in its byte stream, is lost
  login_again,       // the session is over too
  refresh_topology,  // stream, topic, partition or leader is not what we think: learn it anew
  renew_route,       // both: the topology is learnt anew and the request made anew
  refuse,            // this batch, or an event in it, can never succeed
  wait_for_operator,  // credentials, rights, settings or an unknown server: say so, retry slowly
};

/// The one table of decisions, by number alone (docs/wire.md, "Status codes"). Numbers that it does
/// not know: a send is tried again on a fresh connection, anything else too.
retry_decision classify(protocol::command, const protocol::error_code&) noexcept;

/// With a password or a token: what is wrong there is wrong with the login.
constexpr bool is_login(protocol::command what) noexcept {
  return what == protocol::command::login_with_password ||
         what == protocol::command::login_with_token;
}

}  // namespace vibes::link
