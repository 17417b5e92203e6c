#pragma once

#include "config/settings.hpp"
#include "daemon/io/producers/producer_session.hpp"

namespace vibes::app {

/// What the sessions of all producers share, and where it is kept. Sessions that end with the loop
/// still refer to it, so it has to end after the loop; the outbox and the registry after it.
struct event_intake {
  struct callbacks {
    std::function<void()> work_arrived;  // the queue has something new
    std::function<void(const io::refused_line&)> line_refused;
  };

  event_intake(const config::settings&, store::outbox&, io::producer_registry&,
               std::uint64_t id_seed, callbacks);
  event_intake(const event_intake&) = delete;
  event_intake& operator=(const event_intake&) = delete;

  admin::intake_counters counters;
  ingest::event_scanner scanner;
  store::message_id_source ids;
  io::intake shared;
};

}  // namespace vibes::app
