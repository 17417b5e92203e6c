#include "tests/broker/conversation.hpp"

#include <algorithm>

namespace vibes::broker {
namespace {

constexpr std::string_view not_the_protocol =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    "400 Bad Request";

}  // namespace

conversation::conversation(broker& with, misbehaviour& how, std::string address, std::size_t node)
    : with_(with), how_(how), session_(with.connected(std::move(address), node)) {}

conversation::~conversation() {
  with_.disconnected(session_);
}

conversation::progress conversation::receive(bytes_view received, std::uint64_t now_us,
                                             bytes& replies) {
  progress made;
  while (replies.size() < replies_bytes_max) {
    const frame seen = with_.wire().next_frame(received.subspan(made.consumed));
    std::size_t read = seen.size;
    switch (seen.is) {
      case frame::kind::incomplete: made.wanted = seen.size; return made;
      case frame::kind::hang_up: made.hang_up = true; return made;
      case frame::kind::refused:
        if (!silent_)
          with_.wire().write_status(static_cast<std::uint32_t>(seen.why), seen, replies);
        break;
      case frame::kind::dropped: ++with_.counters().requests_dropped; break;
      case frame::kind::request:
        if (serve(seen, now_us, replies, read) == next::hang_up) {
          made.consumed += read;
          made.hang_up = true;
          return made;
        }
        break;
    }
    made.consumed += read;
  }
  return made;
}

conversation::next conversation::serve(const frame& request, std::uint64_t now_us, bytes& replies,
                                       std::size_t& read) {
  ++with_.counters().requests[request.asks];
  const misbehaviour::plan planned = how_.for_request(request.asks, request.body);
  silent_ = silent_ || planned.what == fate::swallow;
  if (silent_) return next::go_on;
  if (planned.what == fate::answer_garbage) {
    put_bytes(replies, as_bytes(not_the_protocol));
    return next::hang_up;
  }
  if (planned.what == fate::answer_status) {
    with_.wire().write_status(planned.code, request, replies);
    return next::go_on;
  }
  const std::size_t before = replies.size();
  const verdict ended = with_.wire().serve(request, {with_, session_, now_us}, replies);
  if (ended.is == verdict::kind::hang_up) return next::hang_up;
  if (ended.is == verdict::kind::silent) {
    ++with_.counters().requests_dropped;
    return next::go_on;
  }
  if (ended.is == verdict::kind::refused) {
    with_.wire().write_status(static_cast<std::uint32_t>(ended.why), request, replies);
    read = std::min(read, ended.read_bytes);
  } else if (request.asks == command::send_messages && ended.stored && how_.cuts_this_store()) {
    replies.resize(before);
    return next::hang_up;
  }
  return next::go_on;
}

void conversation::replies_sent() {
  with_.wire().replied(with_, session_);
}

void conversation::announce_end(bytes& replies) const {
  if (!silent_) with_.wire().write_farewell(replies);
}

}  // namespace vibes::broker
