#pragma once

#include "protocol/error.hpp"
#include "protocol/handshake/handshake.hpp"

// Private to the handshake's sources: login and session in handshake_session.cpp, the ladder of the
// classic generations in handshake_classic.cpp, stream and topic in handshake_topology.cpp.

namespace vibes::protocol {

struct handshake::state {
  enum class phase {
    ping,
    bind,
    login,
    stats,
    cluster,
    probe,
    nodes,
    stream,
    new_stream,
    topic,
    new_topic,
    route
  };

  explicit state(handshake_plan wanted);
  void use(generation gen);
  bool goes_on_in(generation gen) const;
  std::shared_ptr<session> new_session() const;

  step start();
  step send(phase next, const control_request&);
  step fail(const error_code& error) const { return failed{error, asked}; }
  step fail(wire_errc code) const { return fail(make_error_code(code)); }

  step login() {
    return std::visit([this](const auto& how) { return send(phase::login, how); }, plan.login);
  }
  std::optional<version_window> window() const {
    return plan.detected ? plan.detected->window : std::nullopt;
  }

  step on_ping(const reply& got);
  step on_bind(const reply& got);
  step on_login(const reply& got);
  step on_session(const session_opened& told);
  step on_nodes(const reply& got);

  step on_stats(const reply& got);
  step on_cluster(const reply& got);
  step probe();
  step on_probe(const reply& got);
  step on_stream(const reply& got);
  step on_topic(const reply& got);
  step ask_stream() { return send(phase::stream, get_stream{outcome.stream}); }
  step ask_topic() { return send(phase::topic, get_topic{outcome.stream, outcome.topic}); }
  step ask_routes();
  step on_route(const reply& got);

  handshake_plan plan;
  handshake_outcome outcome;
  std::optional<login_version> version;
  std::unique_ptr<codec> wire;
  std::shared_ptr<session> with;  // from 0.9 on
  phase at = phase::login;
  command asked = command::login_with_password;
  bool topic_tried = false;
};

}  // namespace vibes::protocol
