#include "daemon/app/event_intake.hpp"

#include <utility>

#include "daemon/app/limits.hpp"

namespace vibes::app {
namespace {

ingest::schema_mode schema_of(config::schema chosen) {
  return chosen == config::schema::strict ? ingest::schema_mode::strict
                                          : ingest::schema_mode::lenient;
}

}  // namespace

event_intake::event_intake(const config::settings& settings, store::outbox& outbox,
                           io::producer_registry& registry, std::uint64_t id_seed, callbacks to)
    : scanner(schema_of(settings.socket.schema)),
      ids(id_seed),
      shared{outbox,
             registry,
             counters,
             scanner,
             ids,
             dialogue_limits_of(settings),
             settings.socket.partial_lines_bytes_max,
             std::chrono::milliseconds(settings.socket.answer_wait_ms),
             std::move(to.work_arrived),
             std::move(to.line_refused)} {}

}  // namespace vibes::app
