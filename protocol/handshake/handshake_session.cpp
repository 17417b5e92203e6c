#include <utility>

#include "protocol/handshake/handshake_state.hpp"

namespace vibes::protocol {
namespace {

/// The name as this server keeps it. 0.4 stores names in lower case and with a dot for blanks, and
/// looks them up as they are asked for (docs/wire.md, "Names of 0.4").
std::string kept_name(const std::string& name, generation gen) {
  if (gen != generation::iggy_0_4) return name;
  std::string kept;
  bool blank = false;
  for (const char each : name) {
    const bool is_blank = each == ' ' || (each >= '\t' && each <= '\r');
    if (!is_blank && blank && !kept.empty()) kept += '.';
    blank = is_blank;
    if (!is_blank) kept += each >= 'A' && each <= 'Z' ? static_cast<char>(each + 32) : each;
  }
  return kept;
}

/// What to log in with: the setting, what the server showed, or the oldest dialect whose login is
/// that of all classic servers. Nothing when this build does not speak what the server accepts.
std::optional<login_version> version_to_speak(const handshake_plan& plan) {
  const bool vsr_seen = plan.detected && plan.detected->family == server_family::vsr;
  const auto offered = vsr_seen && plan.detected->window ? choose_version(*plan.detected->window)
                                                         : std::optional(login_version{});
  // A server that is not what the settings name is pinged like any classic one, and told no login.
  if (plan.wanted && is_vsr(*plan.wanted) && plan.detected && !vsr_seen) {
    return login_version{generation::iggy_0_6, 0};
  }
  if (plan.wanted && is_vsr(*plan.wanted)) {
    if (vsr_seen && offered && offered->gen == *plan.wanted) return offered;
    return login_version{*plan.wanted,
                         *plan.wanted == generation::iggy_0_9 ? protocol_0_11 : protocol_0_12};
  }
  if (plan.wanted) return login_version{*plan.wanted, 0};
  return vsr_seen ? offered : login_version{generation::iggy_0_6, 0};
}

std::string client_version(const credentials& login) {
  return std::visit([](const auto& how) { return how.version; }, login);
}

}  // namespace

handshake::state::state(handshake_plan wanted) : plan(std::move(wanted)) {
  version = version_to_speak(plan);
  if (version) use(version->gen);
}

void handshake::state::use(generation gen) {
  outcome.gen = gen;
  outcome.stream = kept_name(plan.stream, gen);
  outcome.topic = kept_name(plan.topic, gen);
  if (!is_vsr(gen)) {
    wire = make_codec(gen);
    return;
  }
  with = goes_on_in(gen) ? plan.resumed : new_session();
  wire = make_codec(gen, with);
}

/// A session speaks one version for all its life: when the server has left that behind, it is over.
bool handshake::state::goes_on_in(generation gen) const {
  if (gen != generation::iggy_0_10 || !plan.resumed || plan.resumed->id == 0) return false;
  const std::uint32_t spoken = plan.resumed->protocol_version;
  return !window() || (window()->min <= spoken && spoken <= window()->max);
}

std::shared_ptr<session> handshake::state::new_session() const {
  auto made = std::make_shared<session>();
  made->client = plan.client;
  made->bind_secret = plan.bind_secret;
  made->protocol_version = version->protocol_version;
  return made;
}

handshake::step handshake::state::start() {
  if (!wire) return failed{make_error_code(wire_errc::unsupported_generation), asked, window()};
  if (with && with->id != 0) return send(phase::bind, bind_session{client_version(plan.login)});
  if (plan.bind_only) return fail(make_error_code(iggy_errc::invalid_session));
  // A server that expects TLS hangs up on a probe as 0.4 to 0.7 do: only an answer here, on the
  // connection that carries the login, shows an Iggy that reads plain text.
  return is_vsr(outcome.gen) ? login() : send(phase::ping, ping{});
}

handshake::step handshake::state::on_ping(const reply& got) {
  if (got.status != 0) return fail(iggy_status(got.status));
  if (plan.wanted && is_vsr(*plan.wanted)) return fail(wire_errc::generation_mismatch);
  return login();
}

handshake::step handshake::state::on_bind(const reply& got) {
  if (is_session_gone(iggy_status(got.status)) && !plan.bind_only) {
    // What was under way in the old session stays unknown. A new one starts here.
    plan.resumed.reset();
    use(outcome.gen);
    return login();
  }
  if (got.status != 0) return fail(iggy_status(got.status));
  outcome.resumed = true;
  return on_session(std::get<session_opened>(got.body));
}

handshake::step handshake::state::on_login(const reply& got) {
  if (got.status != 0) return fail(iggy_status(got.status));
  if (!is_vsr(outcome.gen)) return send(phase::stats, get_stats{});
  return on_session(std::get<session_opened>(got.body));
}

handshake::step handshake::state::on_session(const session_opened& told) {
  const auto spoken = choose_version({told.protocol_version, told.protocol_version});
  if (!spoken || spoken->gen != outcome.gen) return fail(wire_errc::generation_mismatch);
  with->id = told.session_id;
  outcome.server_version = told.server_version;
  if (plan.bind_only) return finished{std::move(outcome), std::move(wire), std::move(with)};
  return send(phase::nodes, get_cluster_metadata{});
}

handshake::step handshake::state::on_nodes(const reply& got) {
  if (got.status != 0) return fail(iggy_status(got.status));
  outcome.places.nodes = std::get<cluster_metadata>(got.body).nodes;
  switch (outcome.places.leader_from(plan.connected_to)) {
    case topology::leader_is::here: break;
    case topology::leader_is::elsewhere:
      if (plan.may_redirect) {
        return redirected{*outcome.places.leader()};
      }
      break;
    case topology::leader_is::unknown:
      if (plan.may_redirect) return fail(wire_errc::no_leader);
      break;
  }
  return ask_stream();
}

}  // namespace vibes::protocol
