#include <algorithm>
#include <utility>

#include "daemon/base/assert.hpp"
#include "daemon/link/link_machine.hpp"
#include "protocol/error.hpp"

// What flows over a ready connection: requests, and the replies that find theirs.

namespace vibes::link {

void link_machine::received(protocol::const_bytes bytes, time_point now) {
  if (task() != link_task::exchange) return;
  connection_.received.insert(connection_.received.end(), bytes.begin(), bytes.end());
  if (report_.state == link_state::probing) return take_probe(connection_.received, now);
  while (task() == link_task::exchange && take_frame(now)) {
  }
  if (report_.state == link_state::ready) work(now);
}

bool link_machine::take_frame(time_point now) {
  if (connection_.received.empty()) return false;
  const protocol::frame_need need =
      connection_.handshake ? connection_.handshake->need(connection_.received, reply_bytes_max)
                            : connection_.codec->need(connection_.received, reply_bytes_max);
  switch (need.what) {
    case protocol::frame_need::kind::more: return false;
    case protocol::frame_need::kind::malformed:
      transport_failed(make_error_code(protocol::wire_errc::malformed), now);
      return false;
    case protocol::frame_need::kind::complete: break;
  }
  VIBES_ASSERT(need.size <= connection_.received.size());
  const protocol::const_bytes frame = protocol::const_bytes(connection_.received).first(need.size);
  if (connection_.handshake) {
    // The step may end the handshake, so it is taken out of it before it is looked at.
    protocol::handshake::step step = connection_.handshake->on_frame(frame);
    connection_.received.erase(
        connection_.received.begin(),
        connection_.received.begin() + static_cast<std::ptrdiff_t>(need.size));
    take_handshake_step(std::move(step), now);
  } else {
    take_reply(frame, now);
    connection_.received.erase(
        connection_.received.begin(),
        connection_.received.begin() + static_cast<std::ptrdiff_t>(need.size));
  }
  return true;
}

std::optional<link_connection::request> link_machine::take_answered(
    std::optional<protocol::request_number> number, time_point now) {
  const auto found = number ? std::ranges::find(connection_.unanswered, *number, &request::number)
                            : connection_.unanswered.begin();
  if (found == connection_.unanswered.end()) return std::nullopt;
  request answered = std::move(*found);
  const bool was_oldest = found == connection_.unanswered.begin();
  connection_.unanswered.erase(found);
  connection_.flow.answered(answered.flow, was_oldest, now);
  return answered;
}

void link_machine::take_reply(protocol::const_bytes frame, time_point now) {
  const protocol::command oldest = connection_.unanswered.empty()
                                       ? protocol::command::ping
                                       : connection_.unanswered.front().what;
  const auto number = connection_.codec->answered(frame);
  if (!number) return fail(number.error(), oldest, now);
  std::optional<request> answered = take_answered(*number, now);
  // A classic server that shuts down may say so without being asked; that answers nobody, and a
  // reply has to be decoded to know.
  const protocol::command asked = answered ? answered->what : protocol::command::ping;
  const protocol::result<protocol::reply> decoded = connection_.codec->decode(asked, frame);
  const protocol::error_code status =
      decoded ? protocol::iggy_status(decoded->status) : decoded.error();
  const bool farewell = status == make_error_code(protocol::iggy_errc::disconnected);
  if (!decoded || farewell || !answered) {
    if (answered) connection_.unanswered.push_front(std::move(*answered));
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
  if (asked == protocol::command::ping) connection_.ping_asked = false;
  if (connection_.topology_asked && asked != protocol::command::ping) {
    return take_topology(*answered, *decoded, now);
  }
  if (status) fail(status, asked, now);
}

void link_machine::wrote(std::size_t bytes, time_point now) {
  connection_.output.wrote(bytes);
  if (report_.state == link_state::ready) work(now);
}

void link_machine::unacknowledged(std::size_t bytes, time_point now) {
  if (report_.state != link_state::ready || connection_.unanswered.empty()) return;
  const std::uint64_t written = connection_.output.written_total();
  connection_.flow.acknowledged(written - std::min<std::uint64_t>(bytes, written),
                                connection_.unanswered.front().flow, now);
}

void link_machine::work(time_point now) {
  if (!connection_.unanswered.empty()) {
    const request& oldest = connection_.unanswered.front();
    if (now >= connection_.flow.silent_at(oldest.flow)) {
      return fail(make_error_code(boost::system::errc::timed_out), oldest.what, now);
    }
    if (now >= connection_.flow.sample_at(oldest.flow)) connection_.flow.sampled(now);
  }
  if (is_coordinator() && std::exchange(shared_.session_doubted, false)) {
    return fail(make_error_code(protocol::iggy_errc::unauthenticated),
                protocol::command::bind_session, now);
  }
  if (connection_.new_leader) return follow_leader(now);
  apply_topology();
  if (now >= connection_.sends_held_until) connection_.sends_held_until = time_point::min();
  if (now >= connection_.ping_at && !connection_.ping_asked) {
    connection_.ping_asked = true;
    connection_.ping_at = now + settings_.heartbeat;
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
  return draining_ && report_.state == link_state::ready && connection_.unanswered.empty() &&
         work_.empty();
}

void link_machine::send_control(const protocol::control_request& what, time_point now,
                                protocol::partition_id about) {
  protocol::byte_vector frame;
  const protocol::request_number number = connection_.codec->next_number();
  // Names were checked when the settings were read and encoded once in the handshake already.
  const protocol::error_code error = connection_.codec->encode(what, number, frame);
  VIBES_ASSERT(!error);
  const std::uint64_t begin = connection_.output.pushed_total();
  connection_.output.push(std::move(frame));
  put_on_its_way({command_of(what), number, {}, false, about, {}}, begin, now);
}

/// Its bytes are those of the output from `begin` on.
void link_machine::put_on_its_way(request&& made, std::uint64_t begin, time_point now) {
  made.flow = connection_.flow.send(begin, connection_.output.pushed_total(), now);
  connection_.unanswered.push_back(std::move(made));
}

time_point link_machine::ready_wake_at() const {
  time_point earliest = time_point::max();
  if (!connection_.unanswered.empty()) {
    const link_flow::sent& oldest = connection_.unanswered.front().flow;
    earliest = std::min(connection_.flow.silent_at(oldest), connection_.flow.sample_at(oldest));
  }
  if (connection_.new_leader) return earliest;  // nothing else is done before it is followed
  if (!connection_.ping_asked) earliest = std::min(earliest, connection_.ping_at);
  if (is_coordinator() && !connection_.topology_asked) {
    earliest = std::min(earliest, shared_.topology_wanted ? connection_.topology_held_until
                                                          : connection_.topology_at);
  }
  if (!shared_.hold_sends && !shared_.topology_wanted && connection_.flow.may_send() &&
      report_.sends_in_flight < settings_.requests_in_flight_max) {
    if (const std::optional<time_point> due = work_.wake_at(shared_.lanes_of(replica()))) {
      earliest = std::min(earliest, std::max(*due, connection_.sends_held_until));
    }
    if (connection_.sends_held_until != time_point::min())
      earliest = std::min(earliest, connection_.sends_held_until);
  }
  return earliest;
}

}  // namespace vibes::link
