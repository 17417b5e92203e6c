#include "daemon/io/producers/outbox_sink.hpp"

#include <utility>

#include "protocol/partitioning.hpp"

namespace vibes::io {

using ingest::ack_level;
using ingest::ingest_errc;
using store::outbox;

ingest_errc code_of(store::loss_reason reason) noexcept {
  switch (reason) {
    case store::loss_reason::refused_by_iggy: return ingest_errc::refused_by_iggy;
    case store::loss_reason::left_at_stop: return ingest_errc::stopping;
    case store::loss_reason::dropped_by_operator: return ingest_errc::dropped_by_operator;
    case store::loss_reason::journal_damage: return ingest_errc::lost_on_disk;
    case store::loss_reason::out_of_memory: return ingest_errc::out_of_memory;
    case store::loss_reason::overflow_drop_oldest:
    case store::loss_reason::overflow_drop_newest:
    case store::loss_reason::overflow_block_expired: break;
  }
  return ingest_errc::dropped_by_overflow;
}

outbox_sink::outbox_sink(intake& shared, store::producer_ref producer, admin::producer_info peer)
    : intake_(shared), producer_(producer), info_(std::move(peer)) {
  info_.connection = ++intake_.counters.connections_accepted;
  ++intake_.counters.connections_open;
}

outbox_sink::~outbox_sink() {
  --intake_.counters.connections_open;
}

outbox_sink::answer outbox_sink::offer(const ingest::producer_dialogue::event& event,
                                       ack_level told_at, time_point now,
                                       time_point waiting_since) {
  if (!event.what.known_type) ++intake_.counters.unknown_types;
  store::new_event offered;
  offered.id = event.what.event_id ? *event.what.event_id : intake_.ids.next(turn_unix_us_ / 1'000);
  offered.session = protocol::hash_session(event.what.session_key);
  offered.origin_time_us = turn_unix_us_;
  offered.payload = event.text;
  if (told_at != ack_level::silent) offered.producer = producer_;
  offered.origin = origin();
  offered.line = event.line;
  offered.ack_wanted = told_at == ack_level::committed;
  offered.durable_wanted = told_at == ack_level::durable;
  const outbox::offer_result result = intake_.outbox.offer(offered, now, waiting_since);
  if (result.verdict == outbox::offer_verdict::wait) {
    held_payload_ = offered.payload;
    held_ = offered;
    held_.payload = held_payload_;
  }
  return answer_of(result);
}

outbox_sink::answer outbox_sink::offer_again(time_point now, time_point waiting_since) {
  const outbox::offer_result result = intake_.outbox.offer(held_, now, waiting_since);
  if (result.verdict != outbox::offer_verdict::wait) held_payload_ = {};
  return answer_of(result);
}

outbox_sink::answer outbox_sink::answer_of(const outbox::offer_result& result) {
  switch (result.verdict) {
    case outbox::offer_verdict::wait: return {verdict::wait, {}, result.ask_again_at};
    case outbox::offer_verdict::refused: return {verdict::refused, code_of(result.reason)};
    case outbox::offer_verdict::accepted: break;
  }
  ++info_.events;
  return {};
}

std::optional<time_point> outbox_sink::no_room_until(time_point now,
                                                     time_point waiting_since) const {
  return intake_.outbox.ask_again_at(now, waiting_since);
}

void outbox_sink::line_refused(const ingest::framed_line& line, std::uint64_t number,
                               ingest_errc code) {
  ++info_.refused;
  intake_.counters.refused(ingest::code_name(code));
  const bool whole = line.what == ingest::framed_line::kind::complete;
  intake_.line_refused({origin(), code, number, whole ? line.text : line.head,
                        whole ? line.text.size() : line.whole_bytes, turn_unix_us_});
}

store::event_origin outbox_sink::origin() const noexcept {
  return {info_.connection, static_cast<std::int32_t>(info_.pid),
          static_cast<std::int32_t>(info_.uid)};
}

}  // namespace vibes::io
