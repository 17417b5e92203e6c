#include <algorithm>
#include <utility>

#include "daemon/base/assert.hpp"
#include "daemon/upstream/backoff.hpp"
#include "daemon/upstream/disposition.hpp"
#include "daemon/upstream/link_machine.hpp"
#include "protocol/error.hpp"

// What flows over a ready connection: batches, heartbeats, topology, and their replies in order.

namespace vibes::upstream {

void link_machine::received(protocol::const_bytes bytes, time_point now) {
  if (task() != link_task::exchange) return;
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  while (task() == link_task::exchange && take_frame(now)) {
  }
  if (report_.state == link_state::ready) work(now);
}

bool link_machine::take_frame(time_point now) {
  if (received_.empty()) return false;
  const protocol::frame_need need = handshake_ ? handshake_->need(received_, reply_bytes_max)
                                               : codec_->need(received_, reply_bytes_max);
  switch (need.what) {
    case protocol::frame_need::kind::more: return false;
    case protocol::frame_need::kind::malformed:
      transport_failed(make_error_code(protocol::wire_errc::malformed), now);
      return false;
    case protocol::frame_need::kind::complete: break;
  }
  VIBES_ASSERT(need.size <= received_.size());
  const protocol::const_bytes frame = protocol::const_bytes(received_).first(need.size);
  if (handshake_) {
    // The step may end the handshake, so it is taken out of it before it is looked at.
    protocol::handshake::step step = handshake_->on_frame(frame);
    received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(need.size));
    take_handshake_step(std::move(step), now);
  } else {
    take_reply(frame, now);
    received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(need.size));
  }
  return true;
}

void link_machine::take_reply(protocol::const_bytes frame, time_point now) {
  // A server that shuts down may say so without being asked; that answers nobody.
  const protocol::command asked =
      unanswered_.empty() ? protocol::command::ping : unanswered_.front().what;
  const protocol::result<protocol::reply> decoded = codec_->decode(asked, frame);
  if (!decoded) return fail(decoded.error(), asked, now);
  const protocol::error_code status = protocol::iggy_status(decoded->status);
  if (status == make_error_code(protocol::iggy_errc::disconnected)) return fail(status, asked, now);
  if (unanswered_.empty()) {
    return fail(make_error_code(protocol::wire_errc::unexpected_reply), asked, now);
  }
  request answered = std::move(unanswered_.front());
  unanswered_.pop_front();
  if (answered.sent) return take_send_reply(std::move(*answered.sent), status, now);
  if (asked == protocol::command::ping) ping_asked_ = false;
  if (status) return fail(status, asked, now);
  if (asked == protocol::command::get_topic) take_topology(*decoded, now);
}

void link_machine::take_send_reply(queue::batch&& sent, const protocol::error_code& status,
                                   time_point now) {
  --report_.sends_in_flight;
  const disposition what = classify(protocol::command::send_messages, status);
  if (what == disposition::proceed) {
    committed_something_ = true;
    send_retries_ = 0;
    work_.committed(std::move(sent), now);
    return;
  }
  report_.last_error = status;
  report_.last_error_during = protocol::command::send_messages;
  report_.last_error_in_connect = false;
  report_.last_error_at = now;
  if (what == disposition::refuse) {
    news_ = link_news::event_refused;
    work_.refused(std::move(sent), now);
    return;
  }
  work_.returned(std::move(sent));
  if (what == disposition::retry || what == disposition::refresh_topology) {
    news_ = link_news::send_delayed;
    topology_wanted_ = topology_wanted_ || what == disposition::refresh_topology;
    return hold_sends(now);
  }
  fail(status, protocol::command::send_messages, now);
}

void link_machine::hold_sends(time_point now) {
  sends_held_until_ =
      now + backoff_delay(send_retries_, settings_.backoff_min, settings_.backoff_max, random_());
  ++send_retries_;
}

void link_machine::take_topology(const protocol::reply& reply, time_point now) {
  topology_asked_ = topology_wanted_ = false;
  topology_at_ = now + settings_.topology_refresh;
  const auto* topic = std::get_if<protocol::topic_details>(&reply.body);
  if (topic == nullptr || topic->partitions.empty()) {
    // Deleted under us: a fresh handshake creates it again, or says that it may not.
    return fail(make_error_code(protocol::iggy_errc::topic_name_not_found),
                protocol::command::get_topic, now);
  }
  std::vector<protocol::partition_id> ids;
  for (const protocol::partition_details& each : topic->partitions) ids.push_back(each.id);
  if (ids == partitions_) return;
  new_partitions_ = std::move(ids);
}

void link_machine::apply_topology() {
  if (new_partitions_.empty() || report_.sends_in_flight > 0) return;
  partitions_ = std::exchange(new_partitions_, {});
  report_.partitions_count = partitions_.size();
  news_ = link_news::topology_changed;
  work_.route(partitions_, codec_->gen());
}

void link_machine::wrote(std::size_t bytes, time_point now) {
  output_.wrote(bytes);
  if (report_.state == link_state::ready) work(now);
}

void link_machine::work(time_point now) {
  if (!unanswered_.empty() && now >= unanswered_.front().deadline) {
    return fail(make_error_code(boost::system::errc::timed_out), unanswered_.front().what, now);
  }
  apply_topology();
  if (now >= sends_held_until_) sends_held_until_ = time_point::min();
  if (now >= ping_at_ && !ping_asked_) {
    ping_asked_ = true;
    ping_at_ = now + settings_.heartbeat;
    send_control(protocol::ping{}, now);
  }
  if ((now >= topology_at_ || topology_wanted_) && !topology_asked_) {
    topology_asked_ = true;
    send_control(protocol::get_topic{stream_, topic_}, now);
  }
  send_batches(now);
  if (draining_ && report_.state == link_state::ready && unanswered_.empty() && work_.empty()) {
    enter(link_state::closing, now);
    work_.link_down(now);
  }
}

void link_machine::send_control(const protocol::control_request& what, time_point now) {
  protocol::byte_vector frame;
  // Names were checked when the settings were read and encoded once in the handshake already.
  const protocol::error_code error = codec_->encode(what, frame);
  VIBES_ASSERT(!error);
  output_.push(std::move(frame));
  unanswered_.push_back({command_of(what), std::nullopt, now + settings_.reply_timeout});
}

bool link_machine::may_send(time_point now) const noexcept {
  return report_.state == link_state::ready && new_partitions_.empty() && !topology_wanted_ &&
         now >= sends_held_until_ && report_.sends_in_flight < settings_.requests_in_flight_max;
}

void link_machine::send_batches(time_point now) {
  // Whether the link is free is asked once: what is ripe then goes out as one gathered write.
  const queue::link_demand demand{report_.sends_in_flight == 0, draining_};
  while (may_send(now)) {
    std::optional<queue::batch> next = work_.next_batch(now, demand);
    if (!next || !send_batch(std::move(*next), now)) return;
  }
}

bool link_machine::send_batch(queue::batch&& next, time_point now) {
  messages_.clear();
  for (const queue::entry* each : next.entries) {
    messages_.push_back({each->id, each->origin_time_us, each->payload(), {}});
  }
  const protocol::partitioning where = protocol::to_partition{next.partition};
  protocol::byte_vector header = output_.take_buffer();
  protocol::byte_vector body = output_.take_buffer();
  if (header.capacity() > body.capacity()) std::swap(header, body);
  const protocol::error_code error =
      codec_->encode_send_body({stream_, topic_, where, messages_}, body);
  if (error) {
    // Only a message over the wire's own limit can fail here; refused like an answer of Iggy.
    news_ = link_news::event_refused;
    report_.last_error = error;
    report_.last_error_at = now;
    work_.refused(std::move(next), now);
    return true;
  }
  codec_->encode_send_header(body.size(), {}, codec_->next_number(), header);
  output_.push(std::move(header));
  output_.push(std::move(body));
  unanswered_.push_back(
      {protocol::command::send_messages, std::move(next), now + settings_.reply_timeout});
  ++report_.sends_in_flight;
  return true;
}

time_point link_machine::ready_wake_at() const {
  time_point earliest = unanswered_.empty() ? time_point::max() : unanswered_.front().deadline;
  if (!ping_asked_) earliest = std::min(earliest, ping_at_);
  if (!topology_asked_) earliest = std::min(earliest, topology_at_);
  if (new_partitions_.empty() && !topology_wanted_ &&
      report_.sends_in_flight < settings_.requests_in_flight_max) {
    if (const std::optional<time_point> due = work_.wake_at()) {
      earliest = std::min(earliest, std::max(*due, sends_held_until_));
    }
    if (sends_held_until_ != time_point::min()) earliest = std::min(earliest, sends_held_until_);
  }
  return earliest;
}

}  // namespace vibes::upstream
