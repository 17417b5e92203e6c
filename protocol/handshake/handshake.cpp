#include "protocol/handshake/handshake.hpp"

#include <utility>

#include "protocol/handshake/handshake_state.hpp"

namespace vibes::protocol {

handshake::step handshake::state::send(phase next, const control_request& request) {
  at = next;
  asked = command_of(request);
  send_request out;
  if (const error_code error = wire->encode(request, out.frame)) return failed{error, asked};
  return out;
}

handshake::handshake(handshake_plan plan) : state_(std::make_unique<state>(std::move(plan))) {}
handshake::~handshake() = default;
handshake::handshake(handshake&&) noexcept = default;
handshake& handshake::operator=(handshake&&) noexcept = default;

handshake::step handshake::start() {
  return state_->start();
}

frame_need handshake::need(const_bytes buffered, std::size_t frame_size_max) const noexcept {
  // An alert of TLS is shorter than the header of a frame.
  if (state_->at == state::phase::ping && begins_like_tls(buffered)) {
    return {frame_need::kind::complete, buffered.size()};
  }
  return state_->wire->need(buffered, frame_size_max);
}

std::optional<generation> handshake::meaning_of_close() const noexcept {
  // 0.5 knows neither the command nor how to say so; 0.4 says so, and 0.6 knows it.
  if (state_->at != state::phase::cluster) return std::nullopt;
  return generation::iggy_0_5;
}

error_code handshake::error_of_end(const error_code& transport_error) const noexcept {
  namespace errc = boost::system::errc;
  const bool hung_up = transport_error != errc::timed_out && transport_error != errc::interrupted;
  return hung_up && state_->at == state::phase::ping ? make_error_code(wire_errc::login_withheld)
                                                     : transport_error;
}

command handshake::awaiting() const noexcept {
  return state_->asked;
}

handshake::step handshake::on_frame(const_bytes frame) {
  state& now = *state_;
  if (now.at == state::phase::ping && begins_like_tls(frame)) {
    return now.fail(wire_errc::login_withheld);
  }
  const auto answered = now.wire->answered(frame);
  if (!answered) return failed{answered.error(), now.asked, window_of_eviction(frame)};
  const result<reply> got = now.wire->decode(now.asked, frame);
  if (!got) return now.fail(got.error());
  if (now.with && got->metadata_position > now.with->metadata_position) {
    now.with->metadata_position = got->metadata_position;
  }
  switch (now.at) {
    case state::phase::ping: return now.on_ping(*got);
    case state::phase::bind: return now.on_bind(*got);
    case state::phase::login: return now.on_login(*got);
    case state::phase::nodes: return now.on_nodes(*got);
    case state::phase::route: return now.on_route(*got);
    case state::phase::stats: return now.on_stats(*got);
    case state::phase::cluster: return now.on_cluster(*got);
    case state::phase::probe: return now.on_probe(*got);
    case state::phase::stream:
    case state::phase::new_stream: return now.on_stream(*got);
    case state::phase::topic:
    case state::phase::new_topic: return now.on_topic(*got);
  }
  return now.fail(wire_errc::unexpected_reply);
}

}  // namespace vibes::protocol
