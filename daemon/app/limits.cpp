#include "daemon/app/limits.hpp"

#include <algorithm>

#include "config/keys.hpp"

namespace vibes::app {
namespace {

duration ms(std::uint64_t count) {
  return std::chrono::milliseconds(count);
}

store::overflow_policy policy_of(config::overflow chosen) {
  switch (chosen) {
    case config::overflow::drop_oldest: return store::overflow_policy::drop_oldest;
    case config::overflow::drop_newest: return store::overflow_policy::drop_newest;
    case config::overflow::block: break;
  }
  return store::overflow_policy::block;
}

std::optional<protocol::generation> generation_of(config::generation chosen) {
  switch (chosen) {
    case config::generation::auto_: return std::nullopt;
    case config::generation::v0_4: return protocol::generation::iggy_0_4;
    case config::generation::v0_5: return protocol::generation::iggy_0_5;
    case config::generation::v0_6: return protocol::generation::iggy_0_6;
    case config::generation::v0_9: return protocol::generation::iggy_0_9;
    case config::generation::v0_10: return protocol::generation::iggy_0_10;
    case config::generation::v0_7:
    case config::generation::v0_8: break;
  }
  return protocol::generation::iggy_0_7;
}

}  // namespace

store::outbox_limits outbox_limits_of(const config::settings& from, std::uint64_t unix_us) {
  store::outbox_limits limits{
      {from.queue.events_max, from.queue.bytes_max},
      {from.batch.events_max, from.batch.bytes_max, ms(from.batch.linger_ms)},
      {policy_of(from.queue.overflow), ms(from.queue.block_ms), ms(from.queue.stall_ms)}};
  if (from.journal.resolved_directory.empty()) return limits;
  store::scheduler_settings scheduler;
  scheduler.journal = journal_limits_of(from);
  // A job that finds no room is refused whole, so it has to be a small part of the journal.
  scheduler.job_bytes_max =
      std::min<std::size_t>(scheduler.job_bytes_max, from.journal.bytes_max / 16);
  scheduler.sequences_from = unix_us;
  scheduler.hung_after = std::max(ms(from.queue.stall_ms), scheduler.hung_after);
  limits.journal = scheduler;
  return limits;
}

journal::journal_limits journal_limits_of(const config::settings& from) {
  static_assert(static_cast<int>(journal::sync_policy::never) ==
                static_cast<int>(config::sync_policy::never));
  return journal::journal_limits_for(from.journal.bytes_max,
                                     static_cast<journal::sync_policy>(from.journal.sync));
}

protocol::handshake_plan handshake_plan_of(const config::settings& from) {
  protocol::handshake_plan plan;
  if (from.secrets.token.empty()) {
    plan.login = protocol::login_with_password{from.iggy.username, from.secrets.password,
                                               VIBES_VERSION, "vibes-ingestd"};
  } else {
    plan.login = protocol::login_with_token{from.secrets.token, VIBES_VERSION, "vibes-ingestd"};
  }
  plan.wanted = generation_of(from.iggy.generation);
  plan.stream = from.iggy.stream;
  plan.topic = from.iggy.topic;
  plan.create = from.iggy.create;
  plan.partitions_count = static_cast<std::uint32_t>(from.iggy.partitions);
  return plan;
}

link::link_settings link_settings_of(const config::settings& from) {
  link::link_settings link;
  link.addresses = from.iggy.addresses;
  link.handshake = handshake_plan_of(from);
  link.producer_identity = from.iggy.producer_identity;
  link.requests_in_flight_max = from.iggy.requests_in_flight_max;
  link.connect_timeout = ms(from.iggy.connect_timeout_ms);
  link.reply_timeout = ms(from.iggy.reply_timeout_ms);
  link.heartbeat = ms(from.iggy.heartbeat_ms);
  link.backoff_min = ms(from.iggy.backoff_min_ms);
  link.backoff_max = ms(from.iggy.backoff_max_ms);
  link.backoff_reset = ms(from.iggy.backoff_reset_ms);
  link.topology_refresh = ms(from.iggy.topology_refresh_ms);
  return link;
}

ingest::dialogue_limits dialogue_limits_of(const config::settings& from) {
  return {from.socket.max_event_bytes, from.socket.pending_answers_bytes_max, false, VIBES_VERSION};
}

}  // namespace vibes::app
