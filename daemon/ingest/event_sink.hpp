#pragma once

#include <cstdint>
#include <optional>

#include "daemon/base/time.hpp"
#include "daemon/ingest/producer_dialogue.hpp"

namespace vibes::ingest {

/// Where the events and the refused lines of one connection go. A session machine calls its sink;
/// the application implements the sink over the store.
class event_sink {
 public:
  enum class verdict : std::uint8_t { accepted, wait, refused };
  struct answer {
    verdict what = verdict::accepted;
    ingest_errc code = ingest_errc::dropped_by_overflow;  // when refused
    time_point ask_again_at{};                            // when told to wait
  };

  virtual ~event_sink() = default;

  /// Takes the event, refuses it, or tells to wait. After `wait` the sink holds a copy of the
  /// event, and the machine calls offer_again() until the event is settled. `told_at` is the level
  /// at which the producer wants to hear of it; `waiting_since` is when the connection began to
  /// wait.
  virtual answer offer(const producer_dialogue::event&, ack_level told_at, time_point now,
                       time_point waiting_since) = 0;
  virtual answer offer_again(time_point now, time_point waiting_since) = 0;

  /// Until when an event of ordinary size would have to wait; nothing when there is no wait. The
  /// machine asks before reading, so that a producer that has to wait leaves its bytes in its
  /// socket.
  virtual std::optional<time_point> no_room_until(time_point now,
                                                  time_point waiting_since) const = 0;

  /// A line that became no event. Line 0 is the hello.
  virtual void line_refused(const framed_line&, std::uint64_t line, ingest_errc) = 0;
};

}  // namespace vibes::ingest
