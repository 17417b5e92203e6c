#pragma once

#include "daemon/admin/status_report.hpp"
#include "protocol/error.hpp"
#include "tests/unit/link/outbox_support.hpp"

namespace vibes::test {

/// A daemon as status sees it, an hour and a minute after its start: connected, one event
/// committed, two in a full queue (one of them on its way), and three lost.
class daemon_state {
 public:
  daemon_state() : events(small_limits(store::overflow_policy::drop_newest, 2)) {
    link.state = link::link_state::ready;
    link.gen = protocol::generation::iggy_0_7;
    link.server_version = "0.8.0";
    link.partitions_count = 2;
    link.state_since = start_of_time;
    link.connections = 3;
    link.handshake = 12'999us;
    link.sends_in_flight = 1;
    link.address = "b:2";
    events.box.link_up(start_of_time);
    events.route(2);
    events.offer(0, "{\"a\":1}");
    events.box.committed(std::move(*events.next()), events.now);
    events.offer(0);
    on_its_way = std::move(*events.next());
    events.offer(1);
    events.now += 2s;  // without a commit
    for (int i = 0; i < 3; ++i) events.offer(1);
  }

  admin::status_sources sources() const {
    return {link,
            {},
            events.box,
            intake,
            producers,
            start_of_time - 1h,
            start_of_time + 60s,
            4'242,
            5,
            stopping,
            dead_letters,
            {},
            0,
            {},
            warnings};
  }
  boost::json::object report() const { return admin::make_status(sources()); }

  outbox_fixture events;
  link::link_report link;
  admin::intake_counters intake;
  std::vector<admin::producer_info> producers;
  store::batch on_its_way;
  bool stopping = false;
  std::vector<std::string> warnings;
  std::optional<admin::dead_letter_report> dead_letters;
};

/// A link that lost its connection 61.5 seconds ago and waits to try again.
inline void lose_link(link::link_report& link) {
  link.state = link::link_state::backing_off;
  link.state_since = start_of_time + 1s;
  link.gen.reset();
  link.server_version.clear();
  link.failed_attempts = 4;
  link.retry_delay = 1'500ms;
  link.sends_in_flight = 0;
  link.last_error = make_error_code(protocol::iggy_errc::topic_full);
  link.last_error_during = protocol::command::send_messages;
  link.last_error_at = start_of_time + 500ms;
}

}  // namespace vibes::test
