#include "tests/broker/vsr.hpp"

namespace vibes::broker {
namespace {

using bind_secret = std::array<std::byte, 32>;

struct login {
  bind_secret secret{};
  std::string_view username;
  std::string_view password;
  std::string_view token;
};

std::string_view take_text(fields& from) {
  return as_text(from.take(from.take<std::uint8_t>()));
}

/// The front of a login and a bind. Only the version in it decides.
bool take_client(fields& from) {
  from.take<std::uint32_t>();
  const bool named = !take_text(from).empty();
  return !take_text(from).empty() && named && from.whole();
}

bool take_secret(fields& from, bind_secret& into) {
  const bytes_view raw = from.take(into.size());
  if (!from.whole()) return false;
  std::copy(raw.begin(), raw.end(), into.begin());
  return true;
}

bool at_end(fields& from, bytes_view body) {
  from.take(from.take<std::uint32_t>());  // context
  return from.whole() && from.at() == body.size();
}

/// Nothing on the wire says which of the two shapes a login has: the one that fits is it.
bool take_login(const vsr_request& request, login& into) {
  fields body(request.body);
  if (!take_client(body)) return false;
  if (request.traits.binds_and_routes && !take_secret(body, into.secret)) return false;
  fields by_token = body;
  into.username = take_text(body);
  into.password = take_text(body);
  if (at_end(body, request.body)) return true;
  into.username = into.password = {};
  into.token = take_text(by_token);
  return at_end(by_token, request.body) && !into.token.empty();
}

/// The version of the client's protocol, which is looked at before anything else.
std::optional<outcome> wrong_version(const vsr_request& request) {
  if (request.body.size() < 4) return outcome::evict(eviction::malformed_login);
  const auto version = load<std::uint32_t>(request.body.data());
  const bool fits = request.traits.any_patch ? version >> 10 == request.traits.protocol >> 10
                                             : version == request.traits.protocol;
  if (fits) return std::nullopt;
  return outcome::evict(eviction::incompatible_protocol);
}

outcome answer_with(vsr_request& request, const vsr_session& session) {
  put<std::uint32_t>(request.reply, 0);  // the root user's id
  put(request.reply, session.number);
  put(request.reply, request.traits.protocol);
  put_text<std::uint8_t>(request.reply, request.traits.version);
  request.session = request.simulation().find(request.head.client());
  return outcome::answer();
}

// Not named bind: std::bind takes any arguments, and a client id is of namespace std.
void bind_visitor(vsr_request& request, const client_id& client, const vsr_session& session) {
  request.at.who.logged_in = true;
  request.at.who.bound_client = client;
  request.at.who.bound_session = session.number;
}

}  // namespace

outcome log_in(vsr_request& request) {
  if (const auto refused = wrong_version(request)) return *refused;
  login said;
  if (!take_login(request, said)) return outcome::evict(eviction::malformed_login);
  const broker_options& known = request.at.with.options();
  const bool by_token = !said.token.empty();
  if (by_token && said.token != known.token) return outcome::evict(eviction::invalid_token);
  if (!by_token && (said.username != known.username || said.password != known.password))
    return outcome::evict(eviction::invalid_credentials);
  vsr_simulation& simulation = request.simulation();
  const client_id client = request.head.client();
  vsr_session* session = simulation.find(client);
  const bool rebinds = session != nullptr &&
                       (request.traits.binds_and_routes ? session->secret == said.secret
                                                        : request.at.who.bound_client == client);
  // A client id that lives belongs to whoever knows its secret.
  if (session != nullptr && !rebinds && request.traits.binds_and_routes)
    return outcome::deny(status::unauthenticated);
  if (!rebinds) {
    if (!request.traits.binds_and_routes) simulation.forget(request.at.who.bound_client);
    session = &simulation.add(client);
  }
  session->secret = said.secret;
  bind_visitor(request, client, *session);
  request.op = session->number;
  request.committed = request.traits.binds_and_routes;
  return answer_with(request, *session);
}

outcome bind_session(vsr_request& request) {
  if (const auto refused = wrong_version(request)) return *refused;
  fields body(request.body);
  if (!take_client(body)) return outcome::deny(status::invalid_format);
  const auto client = body.take<client_id>();
  const auto number = body.take<std::uint64_t>();
  const auto metadata_op_min = body.take<std::uint64_t>();
  bind_secret secret{};
  if (!take_secret(body, secret)) return outcome::deny(status::invalid_format);
  const vsr_session* const session = request.simulation().find(client);
  if (session == nullptr || session->secret != secret)
    return outcome::deny(status::unauthenticated);
  if (number != 0 && number != session->number) return outcome::deny(status::invalid_session);
  if (metadata_op_min > request.simulation().metadata_op())
    return outcome::deny(status::not_accepted);
  bind_visitor(request, client, *session);
  request.op = session->number;
  return answer_with(request, *session);
}

outcome log_out(vsr_request& request) {
  if (request.session == nullptr) return outcome::answer();
  const client_id client = request.at.who.bound_client;
  request.data().client_left(request.session->member());
  const std::uint64_t op = request.simulation().commit_metadata();
  if (request.traits.binds_and_routes) {
    request.op = op;
    request.committed = true;
  }
  request.simulation().forget(client);
  request.at.who.bound_client = {};
  request.at.who.logged_in = false;
  request.session = nullptr;
  return outcome::answer();
}

}  // namespace vibes::broker
