#include <catch2/catch.hpp>

#include "daemon/link/link_machine.hpp"
#include "tests/broker/conversation.hpp"
#include "tests/unit/link/link_simulation.hpp"
#include "tests/unit/link/report_oracle.hpp"
#include "tests/unit/store/queue_support.hpp"

// A server that takes numbers for used which we have not used yet: a header that was damaged on its
// way is enough. The session is spoilt, the events are not.

namespace vibes::test {
namespace {

broker::broker_options broker_of_0_10() {
  broker::broker_options options;
  options.speaks = broker::generation::iggy_0_10;
  return options;
}

link::link_settings settings_for_0_10() {
  link::link_settings settings = link_defaults();
  settings.handshake.wanted = protocol::generation::iggy_0_10;
  settings.handshake.login = protocol::login_with_password{"iggy", "iggy", {}, {}};
  settings.handshake.partitions_count = 1;
  return settings;
}

/// The link machine and the broker, with nothing between them.
struct link_to_broker {
  broker::broker server{broker_of_0_10()};
  broker::misbehaviour how;
  std::optional<broker::conversation> line;
  broker::bytes unread;
  report_oracle reports;
  time_point now = start_of_time;
  std::uint64_t random = 0;
  store::outbox box{eager_outbox(), reports, now};
  link::link_shared shared{1};
  link::link_machine link{settings_for_0_10(), box, shared, [this] { return ++random; }, now};

  void offer() {
    const store::new_event event = event_of(0, "{}");
    box.offer(event, now, now);
    link.tick(now);
  }
  void step() {
    switch (link.task()) {
      case link::link_task::connect:
        line.emplace(server, how, "127.0.0.1:1");
        unread.clear();
        link.connected(now);
        return;
      case link::link_task::exchange: return exchange();
      case link::link_task::close:
        line.reset();
        link.closed(now);
        return;
      case link::link_task::sleep:
        now = link.wake_at();
        link.tick(now);
        return;
      case link::link_task::stop: FAIL("the link has stopped");
    }
  }
  void exchange() {
    if (link.output().empty()) {
      now = link.wake_at();
      link.tick(now);
      return;
    }
    link::frame_output::spans spans;
    const std::size_t count = link.output().gather(spans);
    std::size_t written = 0;
    for (std::size_t i = 0; i < count; ++i) {
      unread.insert(unread.end(), spans[i].begin(), spans[i].end());
      written += spans[i].size();
    }
    link.wrote(written, now);
    broker::bytes replies;
    const auto made = line->receive(unread, 1'000, replies);
    unread.erase(unread.begin(), unread.begin() + static_cast<std::ptrdiff_t>(made.consumed));
    line->replies_sent();
    if (!replies.empty()) link.received(replies, now);
  }
  broker::partition& partition() {
    return *server.data()
                .find(std::string_view("vibes"), std::string_view("events"))
                ->partitions.front();
  }
};

TEST_CASE("A session whose numbers are used up at the server is begun anew", "[link][sending]") {
  link_to_broker at;
  at.offer();
  for (int i = 0; i < 100 && !at.box.empty(); ++i) at.step();
  REQUIRE(at.box.empty());
  const std::uint64_t session = at.shared.session->id;

  const protocol::message_id client = at.shared.session->client;
  at.server.vsr_standing(at.partition(), 0)
      .requests_of({client.low, client.high})
      .remember(std::uint64_t{1} << 40, 0);
  at.offer();
  for (int i = 0; i < 100 && !at.box.empty(); ++i) at.step();
  CHECK(at.box.empty());
  CHECK(at.partition().messages() == 2);
  CHECK(at.shared.session->id != session);
}

}  // namespace
}  // namespace vibes::test
