#include "daemon/link/link_machine.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/assert.hpp"
#include "daemon/link/backoff.hpp"
#include "daemon/link/retry_decision.hpp"
#include "protocol/error.hpp"

// The life of a connection: failure, closing, backoff, stop. How it begins is in
// link_handshake.cpp, what flows over it in link_requests.cpp, link_topology.cpp and
// link_sends.cpp.

namespace vibes::link {
namespace {

protocol::error_code timed_out() {
  return make_error_code(boost::system::errc::timed_out);
}

protocol::error_code stopping() {
  return make_error_code(boost::system::errc::operation_canceled);
}

}  // namespace

std::string_view to_string(link_state state) noexcept {
  switch (state) {
    case link_state::connecting: return "connecting";
    case link_state::probing: return "probing";
    case link_state::handshaking: return "handshaking";
    case link_state::ready: return "ready";
    case link_state::closing: return "closing";
    case link_state::backing_off: return "backing_off";
    case link_state::stopped: return "stopped";
  }
  return "unknown";
}

bool may_follow(link_state from, link_state to) noexcept {
  switch (to) {
    case link_state::connecting:
      return from == link_state::closing || from == link_state::backing_off;
    case link_state::probing: return from == link_state::connecting;
    case link_state::handshaking: return from == link_state::connecting;
    case link_state::ready: return from == link_state::handshaking;
    case link_state::closing:
      return from == link_state::connecting || from == link_state::probing ||
             from == link_state::handshaking || from == link_state::ready;
    case link_state::backing_off: return from == link_state::closing;
    case link_state::stopped: return from == link_state::closing || from == link_state::backing_off;
  }
  return false;
}

link_machine::link_machine(link_settings settings, store::work_source& work, link_shared& shared,
                           std::function<std::uint64_t()> random, time_point now)
    : settings_(std::move(settings)),
      work_(work),
      shared_(shared),
      random_(std::move(random)),
      connection_(settings_.reply_timeout) {
  report_.state = link_state::backing_off;  // until its first attempt, which begins at once
  report_.is_node_link = !is_coordinator();
  report_.generation_set = is_coordinator() && settings_.handshake.wanted;
  begin_attempt(now);
}

link_machine::~link_machine() {
  return_unanswered();
}

void link_machine::return_unanswered() {
  for (request& each : connection_.unanswered) {
    if (each.is_send()) work_.returned(std::move(each.sent));
  }
  connection_.unanswered.clear();
  shared_.sends_in_flight -= report_.sends_in_flight;
  report_.sends_in_flight = 0;
}

link_task link_machine::task() const noexcept {
  switch (report_.state) {
    case link_state::connecting: return link_task::connect;
    case link_state::probing:
    case link_state::handshaking:
    case link_state::ready: return link_task::exchange;
    case link_state::closing: return link_task::close;
    case link_state::backing_off: return link_task::sleep;
    case link_state::stopped: break;
  }
  return link_task::stop;
}

time_point link_machine::wake_at() const {
  switch (report_.state) {
    case link_state::connecting:
    case link_state::probing:
    case link_state::handshaking:
    case link_state::backing_off: return deadline_;
    case link_state::ready: return ready_wake_at();
    case link_state::closing:
    case link_state::stopped: break;
  }
  return time_point::max();
}

/// The only way from state to state.
void link_machine::enter(link_state state, time_point now) {
  VIBES_ASSERT(may_follow(report_.state, state));
  report_.state = state;
  if (state == link_state::closing) report_.gen.reset();
  report_.state_since = now;
}

/// Those of the settings, and then those of the cluster's nodes as it was last: the node that the
/// settings name may be the one that is down.
std::vector<std::string> link_machine::known_addresses() const {
  std::vector<std::string> known = settings_.addresses;
  if (!is_coordinator() || shared_.places.nodes.size() < 2) return known;
  for (const protocol::cluster_node& each : shared_.places.nodes) {
    if (std::ranges::find(known, each.address()) == known.end()) known.push_back(each.address());
  }
  return known;
}

void link_machine::enter_connecting(time_point now) {
  deadline_ = now + settings_.connect_timeout;
  const std::vector<std::string> known = known_addresses();
  report_.address_index %= known.size();
  report_.address = redirected_to_.empty() ? known[report_.address_index] : redirected_to_;
  enter(link_state::connecting, now);
}

void link_machine::begin_attempt(time_point now) {
  attempt_began_ = now;
  enter_connecting(now);
}

void link_machine::transport_failed(const protocol::error_code& error, time_point now) {
  const bool in_time = error != boost::system::errc::timed_out;
  // Servers of 0.4 to 0.7 end a connection that begins with what they cannot read, without a byte.
  if (report_.state == link_state::probing && in_time && connection_.received.empty()) {
    return take_detection({protocol::server_family::classic}, now);
  }
  const auto during = connection_.handshake            ? connection_.handshake->awaiting()
                      : connection_.unanswered.empty() ? protocol::command::ping
                                                       : connection_.unanswered.front().what;
  // An end may tell what the server is: that is for the next connection to the same address.
  if (connection_.handshake && in_time) assumed_ = connection_.handshake->meaning_of_close();
  fail(connection_.handshake ? connection_.handshake->error_of_end(error) : error, during, now);
}

void link_machine::note_error(const protocol::error_code& error, protocol::command during,
                              time_point now) {
  report_.last_error = error;
  report_.last_error_during = during;
  report_.last_error_in_connect = report_.state == link_state::connecting;
  report_.last_error_in_probe = report_.state == link_state::probing;
  report_.last_error_before_login =
      report_.state == link_state::handshaking && during == protocol::command::ping;
  report_.last_error_at = now;
}

void link_machine::fail(const protocol::error_code& error, protocol::command during,
                        time_point now) {
  if (report_.state == link_state::closing || report_.state == link_state::stopped) return;
  const bool was_ready = report_.state == link_state::ready;
  note_error(error, during, now);
  ++report_.failed_attempts;
  // Told to stop is no trouble: a further node that leads nothing of ours any more.
  if (!stop_) event_ = was_ready ? link_event::lost : link_event::attempt_failed;
  const retry_decision what = classify(during, error);
  slow_retry_ = what == retry_decision::wait_for_operator;
  // A node that cannot be reached may lead nothing any more: the coordinator link asks.
  if (!is_coordinator()) shared_.topology_wanted = true;
  if (!is_coordinator() && during == protocol::command::bind_session &&
      (what == retry_decision::login_again || protocol::is_session_gone(error))) {
    shared_.session_doubted = true;
  }
  if (is_coordinator() &&
      (what == retry_decision::login_again || never_accepts_bind(error, during))) {
    shared_.begin_session(nullptr);
  }
  if (was_ready && connection_.committed_something &&
      now - report_.state_since >= settings_.backoff_reset) {
    attempt_ = 0;
  }
  // A node that we are to stay at although another one leads has refused what only a leader does:
  // the leader is looked for again, otherwise a topic that is missing could never be created.
  if (!was_ready && what == retry_decision::refresh_topology) redirects_ = 0;
  if (report_.last_error_in_connect) assumed_.reset();
  if (!was_ready && !assumed_) {
    report_.address_index = (report_.address_index + 1) % known_addresses().size();
    ++addresses_tried_;
  }
  redirected_to_.clear();
  return_unanswered();
  if (was_ready && is_coordinator()) work_.link_down(now);
  enter(link_state::closing, now);
}

/// A node that is behind catches up in a moment. One that was set up anew, or a position that we
/// were told wrong, would keep us out for ever: a new session knows of no position.
bool link_machine::never_accepts_bind(const protocol::error_code& error,
                                      protocol::command during) noexcept {
  if (during != protocol::command::bind_session ||
      error != make_error_code(protocol::iggy_errc::not_accepted)) {
    return false;
  }
  if (++shared_.binds_not_accepted < binds_not_accepted_max) return false;
  shared_.binds_not_accepted = 0;
  return true;
}

void link_machine::move_on(onward why, time_point now) {
  onward_ = why;
  enter(link_state::closing, now);
}

void link_machine::closed(time_point now) {
  if (report_.state != link_state::closing) return;
  if (is_coordinator()) shared_.hold_sends = false;
  connection_ = link_connection(settings_.reply_timeout);
  if (stop_ || (draining_ && work_.empty())) return enter(link_state::stopped, now);
  if (std::exchange(onward_, onward::no) == onward::no) return back_off(now);
  enter_connecting(now);
}

void link_machine::back_off(time_point now) {
  // The nodes of one list are one attempt: the pause comes after the last of them.
  const bool round_over = addresses_tried_ == 0 || addresses_tried_ >= known_addresses().size();
  if (!round_over && !slow_retry_) {
    return begin_attempt(now);
  }
  addresses_tried_ = 0;
  const duration floor = slow_retry_ ? settings_.backoff_max / 2 : settings_.backoff_min;
  report_.retry_delay = backoff_delay(attempt_, floor, settings_.backoff_max, random_());
  ++attempt_;
  deadline_ = now + report_.retry_delay;
  enter(link_state::backing_off, now);
}

void link_machine::tick(time_point now) {
  switch (report_.state) {
    case link_state::connecting:
    case link_state::probing:
    case link_state::handshaking:
      if (now >= deadline_) transport_failed(timed_out(), now);
      break;
    case link_state::backing_off:
      if (now >= deadline_) begin_attempt(now);
      break;
    case link_state::ready: work(now); break;
    case link_state::closing:
    case link_state::stopped: break;
  }
}

void link_machine::stop(bool drain, time_point now) {
  draining_ = true;
  stop_ = stop_ || !drain;
  switch (report_.state) {
    case link_state::backing_off:
      // Nothing is connected and waiting cannot be worth it: a drain tries once more, at once.
      deadline_ = now;
      if (stop_ || work_.empty()) enter(link_state::stopped, now);
      break;
    case link_state::connecting:
    case link_state::probing:
    case link_state::handshaking:
      if (stop_ || work_.empty()) fail(stopping(), protocol::command::ping, now);
      break;
    case link_state::ready:
      if (stop_) {
        fail(stopping(), protocol::command::ping, now);
      } else {
        work(now);
      }
      break;
    case link_state::closing:
    case link_state::stopped: break;
  }
}

}  // namespace vibes::link
