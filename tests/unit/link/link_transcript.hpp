#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "daemon/link/link_machine.hpp"
#include "tests/unit/link/report_oracle.hpp"
#include "tests/unit/store/queue_support.hpp"

// What a test does in the place of a link's transport and producers, whatever the wire is.

namespace vibes::test {

/// What is offered goes out at once, unless a test wants it otherwise.
inline store::outbox_limits eager_outbox() {
  store::outbox_limits limits;
  limits.batch.linger = duration::zero();
  return limits;
}

/// The payload that tells the event of this number from others.
inline std::string numbered_payload(std::uint64_t number) {
  return "{\"line\":" + std::to_string(number) + "}";
}

/// An event whose line and id are the same number, of a producer that hears of it.
inline store::new_event numbered_event(protocol::session_hash session, std::uint64_t number,
                                       std::string_view payload) {
  store::new_event event = event_of(session, payload);
  event.id = {0, number};
  event.producer = {0, 0};
  event.line = number;
  return event;
}

inline void take_in(store::outbox& box, const store::new_event& event, time_point now) {
  const auto told = box.offer(event, now, now);
  promise(told.verdict == store::outbox::offer_verdict::accepted, "an event was not accepted");
}

/// All that the link has to write goes to `to`.
template <class Reader>
void write_out(link::link_machine& link, Reader& to, time_point now) {
  link::frame_output::spans spans;
  while (!link.output().empty()) {
    const std::size_t count = link.output().gather(spans);
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i) {
      to.feed({reinterpret_cast<const char*>(spans[i].data()), spans[i].size()});
      size += spans[i].size();
    }
    link.wrote(size, now);
  }
}

/// Bytes of the server arrive in one read: an exactly sized buffer that is gone afterwards, so that
/// reading past it or later is found.
inline void arrive(link::link_machine& link, std::string_view bytes, time_point now) {
  const auto buffer = std::make_unique<std::byte[]>(bytes.size());
  std::ranges::transform(bytes, buffer.get(), [](char each) { return std::byte(each); });
  link.received({buffer.get(), bytes.size()}, now);
}

/// The link is woken until it asks for a later time. Twice at the most: an order to stop may make a
/// sleep end now, and that is told by wake_at as well. A driver would spin otherwise.
inline void rest(link::link_machine& link, time_point now) {
  for (int tries = 0; link.wake_at() <= now; ++tries) {
    promise(tries < 2, "the link asks to be woken at once, again and again");
    link.tick(now);
  }
}

/// The request that was found, which has to have this code.
template <class Request>
Request expected(std::optional<Request>&& found, std::uint32_t code) {
  promise(found.has_value(), "nothing was written where " + std::to_string(code) + " was expected");
  promise(found->code == code, "code " + std::to_string(found->code) + " was written where " +
                                   std::to_string(code) + " was expected");
  return std::move(*found);
}

}  // namespace vibes::test
