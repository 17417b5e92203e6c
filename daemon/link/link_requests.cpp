#include <algorithm>
#include <utility>

#include "daemon/base/assert.hpp"
#include "daemon/link/link_machine.hpp"
#include "protocol/error.hpp"

// What flows over a ready connection: requests, and the replies that find theirs.

namespace vibes::link {

void link_machine::received(protocol::const_bytes bytes, time_point now) {
  if (task() != link_task::exchange) return;
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  if (report_.state == link_state::probing) return take_probe(received_, now);
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

std::optional<link_machine::request> link_machine::take_answered(
    std::optional<protocol::request_number> number, time_point now) {
  const auto found =
      number ? std::ranges::find(unanswered_, *number, &request::number) : unanswered_.begin();
  if (found == unanswered_.end()) return std::nullopt;
  request answered = std::move(*found);
  const bool was_oldest = found == unanswered_.begin();
  unanswered_.erase(found);
  flow_.answered(answered.flow, was_oldest, now);
  return answered;
}

void link_machine::take_reply(protocol::const_bytes frame, time_point now) {
  const protocol::command oldest =
      unanswered_.empty() ? protocol::command::ping : unanswered_.front().what;
  const auto number = codec_->answered(frame);
  if (!number) return fail(number.error(), oldest, now);
  std::optional<request> answered = take_answered(*number, now);
  // A classic server that shuts down may say so without being asked; that answers nobody, and a
  // reply has to be decoded to know.
  const protocol::command asked = answered ? answered->what : protocol::command::ping;
  const protocol::result<protocol::reply> decoded = codec_->decode(asked, frame);
  const protocol::error_code status =
      decoded ? protocol::iggy_status(decoded->status) : decoded.error();
  const bool farewell = status == make_error_code(protocol::iggy_errc::disconnected);
  if (!decoded || farewell || !answered) {
    if (answered) unanswered_.push_front(std::move(*answered));
    if (!answered && !status) {
      return fail(make_error_code(protocol::wire_errc::unexpected_reply), asked, now);
    }
    return fail(status, asked, now);
  }
  if (shared_.session) {
    auto& position = shared_.session->metadata_position;
    position = std::max(position, decoded->metadata_position);
  }
  if (answered->abandoned) return;
  if (answered->is_send()) return take_send_reply(std::move(*answered), *decoded, now);
  if (asked == protocol::command::ping) ping_asked_ = false;
  if (topology_asked_ && asked != protocol::command::ping) {
    return take_topology(*answered, *decoded, now);
  }
  if (status) fail(status, asked, now);
}

void link_machine::wrote(std::size_t bytes, time_point now) {
  output_.wrote(bytes);
  if (report_.state == link_state::ready) work(now);
}

void link_machine::unacknowledged(std::size_t bytes, time_point now) {
  if (report_.state != link_state::ready || unanswered_.empty()) return;
  const std::uint64_t written = output_.written_total();
  flow_.acknowledged(written - std::min<std::uint64_t>(bytes, written), unanswered_.front().flow,
                     now);
}

void link_machine::work(time_point now) {
  if (!unanswered_.empty()) {
    const request& oldest = unanswered_.front();
    if (now >= flow_.silent_at(oldest.flow)) {
      return fail(make_error_code(boost::system::errc::timed_out), oldest.what, now);
    }
    if (now >= flow_.sample_at(oldest.flow)) flow_.sampled(now);
  }
  if (is_coordinator() && std::exchange(shared_.session_doubted, false)) {
    return fail(make_error_code(protocol::iggy_errc::unauthenticated),
                protocol::command::bind_session, now);
  }
  if (new_leader_) return follow_leader(now);
  apply_topology();
  if (now >= sends_held_until_) sends_held_until_ = time_point::min();
  if (now >= ping_at_ && !ping_asked_) {
    ping_asked_ = true;
    ping_at_ = now + settings_.heartbeat;
    send_control(protocol::ping{}, now);
  }
  if (topology_due(now)) ask_topology(now);
  send_batches(now);
  if (drained()) {
    enter(link_state::closing, now);
    if (is_coordinator()) work_.link_down(now);
  }
}

bool link_machine::drained() const {
  return draining_ && report_.state == link_state::ready && unanswered_.empty() && work_.empty();
}

void link_machine::send_control(const protocol::control_request& what, time_point now,
                                protocol::partition_id about) {
  protocol::byte_vector frame;
  const protocol::request_number number = codec_->next_number();
  // Names were checked when the settings were read and encoded once in the handshake already.
  const protocol::error_code error = codec_->encode(what, number, frame);
  VIBES_ASSERT(!error);
  const std::uint64_t begin = output_.pushed_total();
  output_.push(std::move(frame));
  put_on_its_way({command_of(what), number, {}, false, about, {}}, begin, now);
}

/// Its bytes are those of the output from `begin` on.
void link_machine::put_on_its_way(request&& made, std::uint64_t begin, time_point now) {
  made.flow = flow_.send(begin, output_.pushed_total(), now);
  unanswered_.push_back(std::move(made));
}

time_point link_machine::ready_wake_at() const {
  time_point earliest = time_point::max();
  if (!unanswered_.empty()) {
    const link_flow::sent& oldest = unanswered_.front().flow;
    earliest = std::min(flow_.silent_at(oldest), flow_.sample_at(oldest));
  }
  if (new_leader_) return earliest;  // nothing else is done before it is followed
  if (!ping_asked_) earliest = std::min(earliest, ping_at_);
  if (is_coordinator() && !topology_asked_) {
    earliest = std::min(earliest, shared_.topology_wanted ? topology_held_until_ : topology_at_);
  }
  if (!shared_.hold_sends && !shared_.topology_wanted && flow_.may_send() &&
      report_.sends_in_flight < settings_.requests_in_flight_max) {
    if (const std::optional<time_point> due = work_.wake_at(shared_.lanes_of(replica()))) {
      earliest = std::min(earliest, std::max(*due, sends_held_until_));
    }
    if (sends_held_until_ != time_point::min()) earliest = std::min(earliest, sends_held_until_);
  }
  return earliest;
}

}  // namespace vibes::link
