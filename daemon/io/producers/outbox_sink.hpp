#pragma once

#include <string>

#include "daemon/ingest/event_sink.hpp"
#include "daemon/io/producers/intake.hpp"

namespace vibes::io {

/// The code by which a producer hears why its event was lost.
ingest::ingest_errc code_of(store::loss_reason) noexcept;

/// Puts the events of one connection into the outbox: gives each its id, time and origin, and
/// counts. Decides nothing. Loop thread only.
class outbox_sink final : public ingest::event_sink {
 public:
  outbox_sink(intake&, store::producer_ref, admin::producer_info peer);
  ~outbox_sink() override;

  /// The wall clock is read once for all that comes in one turn.
  void start_turn(std::uint64_t unix_us) noexcept { turn_unix_us_ = unix_us; }

  answer offer(const ingest::producer_dialogue::event&, ingest::ack_level told_at, time_point now,
               time_point waiting_since) override;
  answer offer_again(time_point now, time_point waiting_since) override;
  std::optional<time_point> no_room_until(time_point now, time_point waiting_since) const override;
  void line_refused(const ingest::framed_line&, std::uint64_t line, ingest::ingest_errc) override;

  const admin::producer_info& info() const noexcept { return info_; }

 private:
  answer answer_of(const store::outbox::offer_result&);
  store::event_origin origin() const noexcept;

  intake& intake_;
  store::producer_ref producer_;
  admin::producer_info info_;
  store::new_event held_;  // told to wait; its payload is held_payload_
  std::string held_payload_;
  std::uint64_t turn_unix_us_ = 0;
};

}  // namespace vibes::io
