#include <utility>

#include "daemon/base/assert.hpp"
#include "daemon/link/link_machine.hpp"
#include "protocol/error.hpp"

// How a connection begins: which server is this, who are we, what is there.

namespace vibes::link {
namespace {

protocol::message_id random_id(const std::function<std::uint64_t()>& random) {
  // The lowest bit only has to make sure that it is not zero.
  return {random(), random() | 1};
}

}  // namespace

void link_machine::connected(time_point now, protocol::topology::address peer) {
  if (report_.state != link_state::connecting) return;
  connection_.peer = std::move(peer);
  report_.server_version.clear();  // another one may be there now
  if (!needs_probe()) return start_handshake(now);
  enter(link_state::probing, now);
  deadline_ = now + settings_.reply_timeout;
  connection_.output.push(protocol::version_probe(random_id(random_)));
}

/// A classic login is preceded by a ping, and a further node continues a session without a login.
/// To everyone else a login goes only after a probe was answered.
bool link_machine::needs_probe() const noexcept {
  if (detected_ || assumed_ || !is_coordinator()) return false;
  const auto& wanted = settings_.handshake.wanted;
  return !wanted || protocol::is_vsr(*wanted);
}

void link_machine::take_probe(protocol::const_bytes received, time_point now) {
  const auto told = protocol::read_probe_answer(received);
  if (!told) return;
  if (!*told) return fail(told->error(), protocol::command::ping, now);
  take_detection(**told, now);
}

/// The probe has spoilt its connection: the handshake gets a new one.
void link_machine::take_detection(const protocol::detection& told, time_point now) {
  detected_ = told;
  move_on(onward::probed, now);
}

void link_machine::start_handshake(time_point now) {
  enter(link_state::handshaking, now);
  protocol::handshake_plan plan = settings_.handshake;
  plan.assumed = std::exchange(assumed_, std::nullopt);
  plan.detected = std::exchange(detected_, std::nullopt);
  connection_.window_known = plan.detected && plan.detected->window;
  plan.client = random_id(random_);
  for (std::byte& each : plan.bind_secret) each = static_cast<std::byte>(random_() & 0xff);
  plan.resumed = shared_.session;
  plan.connected_to = connection_.peer;
  plan.may_redirect = redirects_ < redirects_max;
  plan.bind_only = !is_coordinator();
  connection_.handshake.emplace(std::move(plan));
  take_handshake_step(connection_.handshake->start(), now);
}

void link_machine::take_handshake_step(protocol::handshake::step&& step, time_point now) {
  if (auto* send = std::get_if<protocol::handshake::send_request>(&step)) {
    deadline_ = now + settings_.reply_timeout;
    connection_.output.push(std::move(send->frame));
  } else if (auto* finished = std::get_if<protocol::handshake::finished>(&step)) {
    become_ready(std::move(*finished), now);
  } else if (const auto* redirected = std::get_if<protocol::handshake::redirected>(&step)) {
    redirect(redirected->leader, now);
  } else {
    const auto& failed = std::get<protocol::handshake::failed>(step);
    if (can_follow(failed.window)) {
      return take_detection({protocol::server_family::vsr, failed.window}, now);
    }
    report_.server_window = failed.window;
    fail(failed.error, failed.during, now);
  }
}

/// A server that had not named its window names one now: the next login can fit it.
bool link_machine::can_follow(const std::optional<protocol::version_window>& told) const noexcept {
  if (!told || connection_.window_known) return false;
  const auto chosen = protocol::choose_version(*told);
  const auto& wanted = settings_.handshake.wanted;
  return chosen && (!wanted || chosen->gen == *wanted);
}

void link_machine::redirect(const protocol::cluster_node& leader, time_point now) {
  ++redirects_;
  redirected_to_ = leader.address();
  event_ = link_event::redirected;
  move_on(onward::redirected, now);
}

void link_machine::become_ready(protocol::handshake::finished&& reached, time_point now) {
  protocol::handshake_outcome& outcome = reached.outcome;
  connection_.codec = std::move(reached.wire);
  connection_.handshake.reset();
  connection_.stream = std::move(outcome.stream);
  connection_.topic = std::move(outcome.topic);
  connection_.sends_held_until = connection_.topology_held_until = now;
  connection_.ping_at = now + settings_.heartbeat;
  connection_.topology_at = now + settings_.topology_refresh;
  addresses_tried_ = 0;
  report_.gen = outcome.gen;
  report_.server_version = std::move(outcome.server_version);
  report_.server_window.reset();
  report_.failed_attempts = 0;
  ++report_.connections;
  report_.handshake = now - attempt_began_;
  enter(link_state::ready, now);
  if (is_coordinator()) {
    shared_.begin_session(std::move(reached.with));
    shared_.topology_wanted = shared_.session_doubted = false;
    shared_.binds_not_accepted = 0;
    connection_.new_places = std::move(outcome.places);
    apply_topology();
    work_.link_up(now);
  }
  event_ = link_event::up;
  work(now);
}

}  // namespace vibes::link
