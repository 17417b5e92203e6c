#include "daemon/upstream/link_machine.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/assert.hpp"
#include "daemon/upstream/backoff.hpp"
#include "daemon/upstream/disposition.hpp"
#include "protocol/error.hpp"

// The life of a connection: connecting, handshake, failure, backoff, stop. What flows over a ready
// connection is in link_requests.cpp.

namespace vibes::upstream {
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
    case link_state::handshaking: return "handshaking";
    case link_state::ready: return "ready";
    case link_state::closing: return "closing";
    case link_state::backing_off: return "backing_off";
    case link_state::stopped: return "stopped";
  }
  return "unknown";
}

link_machine::link_machine(link_settings settings, work_source& work,
                           std::function<std::uint64_t()> random, time_point now)
    : settings_(std::move(settings)),
      work_(work),
      random_(std::move(random)),
      deadline_(now + settings_.connect_timeout) {
  report_.state_since = now;
}

link_machine::~link_machine() {
  for (request& each : unanswered_) {
    if (each.sent) work_.returned(std::move(*each.sent));
  }
}

link_task link_machine::task() const noexcept {
  switch (report_.state) {
    case link_state::connecting: return link_task::connect;
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
    case link_state::handshaking:
    case link_state::backing_off: return deadline_;
    case link_state::ready: return ready_wake_at();
    case link_state::closing:
    case link_state::stopped: break;
  }
  return time_point::max();
}

void link_machine::enter(link_state state, time_point now) {
  report_.state = state;
  report_.state_since = now;
}

void link_machine::connected(time_point now) {
  if (report_.state != link_state::connecting) return;
  enter(link_state::handshaking, now);
  protocol::handshake_plan plan = settings_.handshake;
  plan.assumed = std::exchange(assumed_, std::nullopt);
  handshake_.emplace(std::move(plan));
  take_handshake_step(handshake_->start(), now);
}

void link_machine::take_handshake_step(protocol::handshake::step&& step, time_point now) {
  if (auto* send = std::get_if<protocol::handshake::send_request>(&step)) {
    deadline_ = now + settings_.reply_timeout;
    output_.push(std::move(send->frame));
  } else if (auto* finished = std::get_if<protocol::handshake::finished>(&step)) {
    become_ready(std::move(finished->outcome), now);
  } else {
    const auto& failed = std::get<protocol::handshake::failed>(step);
    fail(failed.error, failed.during, now);
  }
}

void link_machine::become_ready(protocol::handshake_outcome&& outcome, time_point now) {
  codec_ = protocol::make_codec(outcome.gen);
  handshake_.reset();
  stream_ = std::move(outcome.stream);
  topic_ = std::move(outcome.topic);
  partitions_ = std::move(outcome.partitions);
  new_partitions_.clear();
  topology_wanted_ = topology_asked_ = ping_asked_ = committed_something_ = false;
  send_retries_ = 0;
  sends_held_until_ = now;
  ping_at_ = now + settings_.heartbeat;
  topology_at_ = now + settings_.topology_refresh;
  addresses_tried_ = 0;
  report_.gen = outcome.gen;
  report_.server_version = std::move(outcome.server_version);
  report_.partitions_count = partitions_.size();
  report_.failed_attempts = 0;
  ++report_.connections;
  news_ = link_news::up;
  enter(link_state::ready, now);
  work_.route(partitions_, outcome.gen);
  work_.link_up(now);
  work(now);
}

void link_machine::transport_failed(const protocol::error_code& error, time_point now) {
  const auto during = handshake_            ? handshake_->awaiting()
                      : unanswered_.empty() ? protocol::command::ping
                                            : unanswered_.front().what;
  // An end may tell what the server is: that is for the next connection to the same address.
  if (handshake_ && error != boost::system::errc::timed_out) {
    assumed_ = handshake_->meaning_of_close();
  }
  fail(error, during, now);
}

void link_machine::fail(const protocol::error_code& error, protocol::command during,
                        time_point now) {
  if (report_.state == link_state::closing || report_.state == link_state::stopped) return;
  const bool was_ready = report_.state == link_state::ready;
  report_.last_error = error;
  report_.last_error_during = during;
  report_.last_error_in_connect = report_.state == link_state::connecting;
  report_.last_error_at = now;
  ++report_.failed_attempts;
  news_ = was_ready ? link_news::lost : link_news::attempt_failed;
  slow_retry_ = classify(during, error) == disposition::wait_for_operator;
  if (was_ready && committed_something_ && now - report_.state_since >= settings_.backoff_reset) {
    attempt_ = 0;
  }
  if (report_.last_error_in_connect) assumed_.reset();
  if (!was_ready && !assumed_) {
    report_.address_index = (report_.address_index + 1) % settings_.addresses_count;
    ++addresses_tried_;
  }
  for (request& each : unanswered_) {
    if (each.sent) work_.returned(std::move(*each.sent));
  }
  unanswered_.clear();
  report_.sends_in_flight = 0;
  report_.gen.reset();
  if (was_ready) work_.link_down(now);
  enter(link_state::closing, now);
}

void link_machine::closed(time_point now) {
  if (report_.state != link_state::closing) return;
  handshake_.reset();
  codec_.reset();
  output_.clear();
  received_ = {};
  if (stop_ || (draining_ && work_.empty())) return enter(link_state::stopped, now);
  back_off(now);
}

void link_machine::back_off(time_point now) {
  // The nodes of one list are one attempt: the pause comes after the last of them.
  const bool round_over = addresses_tried_ == 0 || addresses_tried_ >= settings_.addresses_count;
  if (!round_over && !slow_retry_) {
    deadline_ = now + settings_.connect_timeout;
    return enter(link_state::connecting, now);
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
    case link_state::handshaking:
      if (now >= deadline_) transport_failed(timed_out(), now);
      break;
    case link_state::backing_off:
      if (now >= deadline_) {
        deadline_ = now + settings_.connect_timeout;
        enter(link_state::connecting, now);
      }
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

}  // namespace vibes::upstream
