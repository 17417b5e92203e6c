#include "daemon/app/limits.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("The settings of queue, batch and overflow reach the outbox", "[limits]") {
  config::settings from;
  from.queue.events_max = 11;
  from.queue.bytes_max = 12;
  from.queue.block_ms = 13;
  from.queue.stall_ms = 14;
  from.batch.events_max = 15;
  from.batch.bytes_max = 16;
  from.batch.linger_ms = 17;
  const store::outbox_limits limits = app::outbox_limits_of(from);
  CHECK(limits.queue.events_max == 11);
  CHECK(limits.queue.bytes_max == 12);
  CHECK(limits.admission.block == 13ms);
  CHECK(limits.admission.stall == 14ms);
  CHECK(limits.batch.events_max == 15);
  CHECK(limits.batch.bytes_max == 16);
  CHECK(limits.batch.linger == 17ms);
  struct {
    config::overflow chosen;
    store::overflow_policy policy;
  } const policies[] = {
      {config::overflow::drop_oldest, store::overflow_policy::drop_oldest},
      {config::overflow::drop_newest, store::overflow_policy::drop_newest},
      {config::overflow::block, store::overflow_policy::block},
  };
  for (const auto& each : policies) {
    from.queue.overflow = each.chosen;
    CHECK(app::outbox_limits_of(from).admission.policy == each.policy);
  }
}

TEST_CASE("The settings of Iggy reach the link", "[limits]") {
  config::settings from;
  from.iggy.addresses = {"a:1", "b:2", "c:3"};
  from.iggy.requests_in_flight_max = 21;
  from.iggy.connect_timeout_ms = 22;
  from.iggy.reply_timeout_ms = 23;
  from.iggy.heartbeat_ms = 24;
  from.iggy.backoff_min_ms = 25;
  from.iggy.backoff_max_ms = 26;
  from.iggy.backoff_reset_ms = 27;
  from.iggy.topology_refresh_ms = 28;
  from.iggy.stream = "a stream";
  const link::link_settings link = app::link_settings_of(from);
  CHECK(link.addresses == from.iggy.addresses);
  CHECK(link.requests_in_flight_max == 21);
  CHECK(link.connect_timeout == 22ms);
  CHECK(link.reply_timeout == 23ms);
  CHECK(link.heartbeat == 24ms);
  CHECK(link.backoff_min == 25ms);
  CHECK(link.backoff_max == 26ms);
  CHECK(link.backoff_reset == 27ms);
  CHECK(link.topology_refresh == 28ms);
  CHECK(link.handshake.stream == "a stream");
}

TEST_CASE("The handshake logs in with the resolved secret: a token wins", "[limits]") {
  config::settings from;
  from.iggy.username = "somebody";
  from.iggy.password = "not this one";
  from.iggy.stream = "s";
  from.iggy.topic = "t";
  from.iggy.create = false;
  from.iggy.partitions = 31;
  from.secrets.password = "resolved";
  const protocol::handshake_plan named = app::handshake_plan_of(from);
  const auto& login = std::get<protocol::login_with_password>(named.login);
  CHECK(login.username == "somebody");
  CHECK(login.password == "resolved");
  CHECK(login.version == VIBES_VERSION);
  CHECK(login.context == "vibes-ingestd");
  CHECK(named.stream == "s");
  CHECK(named.topic == "t");
  CHECK(!named.create);
  CHECK(named.partitions_count == 31);
  from.secrets.token = "token";
  const protocol::handshake_plan with_token = app::handshake_plan_of(from);
  const auto& token = std::get<protocol::login_with_token>(with_token.login);
  CHECK(token.token == "token");
  CHECK(token.version == VIBES_VERSION);
  CHECK(token.context == "vibes-ingestd");
}

TEST_CASE("The generation is asked for, or taken as it is set", "[limits]") {
  struct {
    config::generation chosen;
    std::optional<protocol::generation> wanted;
  } const cases[] = {
      {config::generation::auto_, std::nullopt},
      {config::generation::v0_6, protocol::generation::iggy_0_6},
      {config::generation::v0_7, protocol::generation::iggy_0_7},
      {config::generation::v0_8, protocol::generation::iggy_0_7},
  };
  config::settings from;
  for (const auto& each : cases) {
    from.iggy.generation = each.chosen;
    CHECK((app::handshake_plan_of(from).wanted == each.wanted));
  }
}

TEST_CASE("The settings of the socket reach the dialogue with producers", "[limits]") {
  config::settings from;
  from.socket.max_event_bytes = 41;
  from.socket.pending_answers_bytes_max = 42;
  const ingest::dialogue_limits limits = app::dialogue_limits_of(from);
  CHECK(limits.event_bytes_max == 41);
  CHECK(limits.pending_answers_bytes_max == 42);
  CHECK(!limits.durable_available);
  CHECK(limits.version == VIBES_VERSION);
}

}  // namespace
}  // namespace vibes::test
