#pragma once

#include <optional>
#include <span>

#include "daemon/store/batcher.hpp"
#include "protocol/error.hpp"
#include "protocol/types.hpp"

namespace vibes::store {

/// The only thing the link knows about the queue. Every batch that next_batch hands out comes back
/// through exactly one of record, committed, returned and refused.
class work_source {
 public:
  virtual ~work_source() = default;

  virtual void link_up(time_point now) = 0;
  virtual void link_down(time_point now) = 0;

  /// The topic's partitions as just learnt. No batch is out when this is called.
  virtual void route(std::span<const protocol::partition_id> sorted_ids, protocol::generation) = 0;

  virtual std::optional<batch> next_batch(time_point now, link_demand) = 0;
  /// When next_batch will have something by the passing of time alone.
  virtual std::optional<time_point> wake_at(const lane_choice&) const = 0;
  virtual bool empty() const = 0;

  /// The batch has just got its stamp and has to be written before it is sent. True: it was taken,
  /// and next_batch hands it out again when it may be sent. False: it may be sent now.
  virtual bool record(batch&) { return false; }

  virtual void committed(batch&&, time_point now) = 0;
  /// Unanswered, or not applied: to be handed out again, unchanged, before anything newer.
  virtual void returned(batch&&) = 0;
  /// Iggy will not have it for good: halves come back until the refused event is alone.
  virtual void refused(batch&&, const protocol::error_code& why, time_point now) = 0;
};

}  // namespace vibes::store
