#pragma once

#include "tests/unit/link/report_oracle.hpp"
#include "tests/unit/store/queue_support.hpp"

namespace vibes::test {

using namespace std::chrono_literals;
using offer_verdict = store::outbox::offer_verdict;

inline store::outbox_limits small_limits(store::overflow_policy policy,
                                         std::size_t events_max = 4) {
  store::outbox_limits limits;
  limits.queue = {events_max, 1 << 20};
  limits.batch = {100, 1 << 20, 5ms};
  limits.admission = {policy, 2s, 1s};
  return limits;
}

/// An outbox, its listener, and a producer that numbers its lines from 1.
class outbox_fixture {
 public:
  explicit outbox_fixture(store::outbox_limits limits) : box(limits, reports, start_of_time) {}

  store::outbox::offer_result offer(protocol::session_hash session,
                                    std::string_view payload = "{}") {
    return offer_as({0, 0}, session, payload);
  }
  store::outbox::offer_result offer_as(store::producer_ref who, protocol::session_hash session,
                                       std::string_view payload = "{}") {
    store::new_event event = event_of(session, payload);
    event.producer = who;
    event.line = ++lines;
    return box.offer(event, now, waiting_since.value_or(now));
  }
  void fill() {
    while (box.queue().fits(2)) offer(0);
  }
  void route(std::uint32_t partitions_count) {
    box.route(partitions(partitions_count), protocol::generation::iggy_0_7);
  }
  std::optional<store::batch> next() { return box.next_batch(now + 1h, {true, true}); }
  std::uint64_t lost(store::loss_reason reason) const { return box.losses().of(reason); }

  report_oracle reports;
  store::outbox box;
  time_point now = start_of_time;
  std::optional<time_point> waiting_since;
  std::uint64_t lines = 0;
};

}  // namespace vibes::test
