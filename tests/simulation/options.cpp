#include "tests/simulation/options.hpp"

#include <random>

#include "tests/simulation/scheduler.hpp"

namespace vibes::simulation {
namespace {

using broker::generation;

/// Draws a run's options.
class drawing {
 public:
  explicit drawing(std::uint64_t seed) : random_(seed ^ 0x5eed'0f'0971'0115) {}

  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }
  template <class... Each>
  auto one_of(Each... each) {
    const std::common_type_t<Each...> all[] = {each...};
    return all[below(sizeof...(Each))];
  }

 private:
  std::mt19937_64 random_;
};

bool is_vsr(generation of) {
  return of == generation::iggy_0_9 || of == generation::iggy_0_10;
}

broker::broker_options server_of(drawing& draw) {
  broker::broker_options server;
  // The newest generations have most of the code.
  server.speaks = draw.one_of(generation::iggy_0_4, generation::iggy_0_5, generation::iggy_0_6,
                              generation::iggy_0_7, generation::iggy_0_8, generation::iggy_0_9,
                              generation::iggy_0_9, generation::iggy_0_10, generation::iggy_0_10,
                              generation::iggy_0_10);
  if (is_vsr(server.speaks) && draw.one_in(2)) server.nodes = draw.one_of(2U, 3U);
  server.deduplicate = !is_vsr(server.speaks) && draw.one_in(3);
  return server;
}

store::outbox_limits outbox_of(drawing& draw, const run_options& made) {
  store::outbox_limits limits;
  limits.queue.events_max = draw.one_of(4U, 16U, 64U, 200U, 1'000U);
  limits.queue.bytes_max = draw.one_of(16U << 10, 64U << 10, 1U << 20);
  limits.batch.events_max = draw.one_of(1U, 3U, 10U, 100U);
  limits.batch.bytes_max = draw.one_of(2U << 10, 64U << 10, 1U << 20);
  limits.batch.linger = draw.one_of(0ms, 5ms, 50ms);
  limits.admission.policy =
      draw.one_of(store::overflow_policy::block, store::overflow_policy::block,
                  store::overflow_policy::drop_newest, store::overflow_policy::drop_oldest);
  limits.admission.block = draw.one_of(500ms, 5'000ms, 3'600'000ms);
  limits.admission.stall = draw.one_of(50ms, 1'000ms);
  limits.memory_is_left = [](std::size_t) noexcept { return true; };
  if (!made.has_journal) return limits;
  store::scheduler_settings scheduler;
  switch (draw.below(3)) {
    case 0: scheduler.journal = {64 << 10, 2 << 10, 8 << 10}; break;
    case 1: scheduler.journal = {512 << 10, 8 << 10, 64 << 10}; break;
    default: scheduler.journal = {16 << 20, 64 << 10, 256 << 10}; break;
  }
  if (draw.one_in(5)) {
    scheduler.journal.sync =
        draw.one_of(journal::sync_policy::interval, journal::sync_policy::never);
  }
  scheduler.job_bytes_max = std::min<std::size_t>(draw.one_of(1'000U, 16U << 10, 4U << 20),
                                                  scheduler.journal.bytes_max / 16);
  scheduler.hung_after = std::max<duration>(limits.admission.stall, scheduler.hung_after);
  scheduler.reopen_max = 10s;
  limits.journal = scheduler;
  return limits;
}

link::link_settings link_of(drawing& draw, const run_options& made) {
  link::link_settings link;
  link.addresses = {"127.0.0.1:8090"};
  if (made.server.nodes > 1 && draw.one_in(2)) link.addresses.push_back("127.0.0.1:8091");
  link.handshake.login = protocol::login_with_password{"iggy", "iggy", "0.1.0", "vibes-ingestd"};
  link.handshake.stream = "vibes";
  link.handshake.topic = "events";
  link.handshake.partitions_count = made.partitions;
  if (made.generation_set) link.handshake.wanted = generation_of(made.server.speaks);
  link.requests_in_flight_max = draw.one_of(1U, 2U, 4U, 16U);
  link.producer_identity = !draw.one_in(4);
  link.connect_timeout = draw.one_of(300ms, 5'000ms);
  link.reply_timeout = draw.one_of(300ms, 1'000ms, 10'000ms);
  link.heartbeat = draw.one_of(200ms, 5'000ms);
  link.backoff_min = draw.one_of(10ms, 50ms);
  link.backoff_max = draw.one_of(200ms, 2'000ms);
  link.backoff_reset = 500ms;
  link.topology_refresh = draw.one_of(400ms, 30'000ms);
  return link;
}

std::uint64_t rate(drawing& draw) {
  return draw.one_of(0U, 100U, 400U, 2'000U);
}

}  // namespace

protocol::generation generation_of(generation of) {
  switch (of) {
    case generation::iggy_0_4: return protocol::generation::iggy_0_4;
    case generation::iggy_0_5: return protocol::generation::iggy_0_5;
    case generation::iggy_0_6: return protocol::generation::iggy_0_6;
    case generation::iggy_0_7:
    case generation::iggy_0_8: break;
    case generation::iggy_0_9: return protocol::generation::iggy_0_9;
    case generation::iggy_0_10: return protocol::generation::iggy_0_10;
  }
  return protocol::generation::iggy_0_7;
}

run_options options_of(std::uint64_t seed, std::uint64_t steps) {
  drawing draw(seed);
  run_options made;
  made.seed = seed;
  made.steps = steps;
  made.server = server_of(draw);
  made.generation_set = draw.one_in(4);
  made.partitions = draw.one_of(1U, 2U, 3U, 8U);
  made.producers = draw.one_of(1U, 2U, 4U, 8U);
  made.filler_max = draw.one_of(20U, 200U, 1'000U);
  made.has_journal = !draw.one_in(5);
  made.outbox = outbox_of(draw, made);
  made.link = link_of(draw, made);
  made.drain = draw.one_of(0ms, 100ms, 2'000ms);
  made.rates = {rate(draw), rate(draw), rate(draw),
                rate(draw), rate(draw), draw.one_of(0U, 500U, 2'000U)};
  made.may.power_loss = draw.one_in(2);
  made.may.unreadable_disk = draw.one_in(4);
  made.may.server_forgets = draw.one_in(3);
  made.may.partitions_change = draw.one_in(3);
  made.may.generation_changes = !made.generation_set && draw.one_in(4);
  made.may.refuses_events = draw.one_in(3);
  made.may.drops = draw.one_in(3);
  return made;
}

std::string to_string(const run_options& of) {
  static constexpr const char* generations[] = {"0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "0.10"};
  static constexpr const char* syncs[] = {" synced", " synced at intervals", " not synced"};
  static constexpr const char* policies[] = {"drop_oldest", "drop_newest", "block"};
  std::string text = generations[static_cast<std::size_t>(of.server.speaks)];
  text += ", nodes " + std::to_string(of.server.nodes);
  text += ", partitions " + std::to_string(of.partitions);
  text += ", producers " + std::to_string(of.producers);
  text += ", queue " + std::to_string(of.outbox.queue.events_max) + " events " +
          std::to_string(of.outbox.queue.bytes_max) + " bytes, ";
  text += policies[static_cast<std::size_t>(of.outbox.admission.policy)];
  text += of.has_journal
              ? ", journal " + std::to_string(of.outbox.journal->journal.bytes_max) + " bytes" +
                    syncs[static_cast<std::size_t>(of.outbox.journal->journal.sync)]
              : ", no journal";
  if (of.link.producer_identity) text += ", producer identity";
  if (of.server.deduplicate) text += ", deduplicates";
  return text;
}

}  // namespace vibes::simulation
