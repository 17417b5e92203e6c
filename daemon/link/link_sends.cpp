#include <algorithm>
#include <utility>

#include "daemon/link/backoff.hpp"
#include "daemon/link/link_machine.hpp"
#include "daemon/link/retry_decision.hpp"
#include "protocol/error.hpp"

// Batches on their way, and what an answer means for them.

namespace vibes::link {

void link_machine::take_send_reply(request&& answered, const protocol::reply& reply,
                                   time_point now) {
  --report_.sends_in_flight;
  --shared_.sends_in_flight;
  protocol::error_code status = protocol::iggy_status(reply.status);
  if (const auto* sent = std::get_if<protocol::sent>(&reply.body)) {
    // Only what went out before can have been there before.
    if (!sent->confirmed && !answered.repeated) {
      status = make_error_code(protocol::wire_errc::unconfirmed_send);
    } else if (sent->confirmed && sent->confirmed->partition != answered.partition) {
      status = make_error_code(protocol::wire_errc::unexpected_reply);
    }
  }
  const bool had_before =
      classify(protocol::command::send_messages, status) == retry_decision::already_applied;
  const bool too_old = status == make_error_code(protocol::iggy_errc::request_too_old);
  if ((had_before || too_old) && !answered.repeated) {
    status = make_error_code(protocol::wire_errc::unconfirmed_send);
  } else if (had_before) {
    status = {};
  }
  settle_send(std::move(answered), status, now);
}

void link_machine::settle_send(request&& answered, const protocol::error_code& status,
                               time_point now) {
  store::batch sent = std::move(answered.sent);
  const retry_decision what = classify(protocol::command::send_messages, status);
  if (what == retry_decision::proceed) {
    shared_.resends.erase(answered.partition);
    connection_.committed_something = true;
    connection_.send_retries = redirects_ = 0;
    work_.committed(std::move(sent), now);
    return;
  }
  note_error(status, protocol::command::send_messages, now);
  // Somebody else's request has this number: under it our batch would never be stored.
  if (status == make_error_code(protocol::wire_errc::unconfirmed_send)) {
    shared_.resends.erase(answered.partition);
  }
  // Not applied: with a position of the topology that this server never reaches, for ever.
  if (status == make_error_code(protocol::iggy_errc::not_accepted)) {
    shared_.resends.doubt_context(answered.partition);
  }
  switch (what) {
    case retry_decision::refuse:
      event_ = link_event::event_refused;
      shared_.resends.erase(answered.partition);
      return refuse_batch(std::move(sent), status, now);
    case retry_decision::renew_producer:
      if (status == make_error_code(protocol::iggy_errc::producer_fenced)) {
        shared_.producer.begin_anew(random_());
      } else {
        shared_.producer.begin_epoch(answered.partition, random_());
      }
      sent.producer.reset();
      [[fallthrough]];
    case retry_decision::renew:
    case retry_decision::renew_route: shared_.resends.erase(answered.partition); break;
    default: break;
  }
  work_.returned(std::move(sent));
  switch (what) {
    case retry_decision::refresh_topology:
    case retry_decision::renew_route: shared_.topology_wanted = true; [[fallthrough]];
    case retry_decision::retry:
    case retry_decision::repeat:
    case retry_decision::renew:
    case retry_decision::renew_producer: event_ = link_event::send_delayed; return hold_sends(now);
    default: return fail(status, protocol::command::send_messages, now);
  }
}

/// Halves of it, or the next batch, take its place in the producer's order. If it went out before
/// its place may be taken already, and what comes next would count as had: a new epoch has none.
/// The same if the journal may have it: after a crash it may be formed again in its place.
void link_machine::refuse_batch(store::batch&& refused, const protocol::error_code& why,
                                time_point now) {
  if (const auto unused = std::exchange(refused.producer, std::nullopt)) {
    if (refused.attempts > 1 || refused.recorded != store::batch_recorded::no) {
      shared_.producer.begin_epoch(refused.partition, random_());
    } else {
      shared_.producer.take_back(refused.partition, *unused);
    }
  }
  work_.refused(std::move(refused), why, now);
}

void link_machine::hold_sends(time_point now) {
  connection_.sends_held_until =
      now + backoff_delay(connection_.send_retries, settings_.backoff_min, settings_.backoff_max,
                          random_());
  ++connection_.send_retries;
}

bool link_machine::may_send(time_point now) const noexcept {
  return report_.state == link_state::ready && !shared_.hold_sends && !shared_.topology_wanted &&
         !connection_.new_leader && now >= connection_.sends_held_until &&
         connection_.flow.may_send() && report_.sends_in_flight < settings_.requests_in_flight_max;
}

void link_machine::send_batches(time_point now) {
  // Whether the link is free is asked once: what is ripe then goes out as one gathered write.
  store::link_demand demand{report_.sends_in_flight == 0, draining_, shared_.lanes_of(replica())};
  while (may_send(now)) {
    demand.bytes_max = connection_.flow.send_bytes_max();
    if (connection_.flow.on_its_way_bytes() > 0) demand.returned_bytes_max = demand.bytes_max;
    std::optional<store::batch> next = work_.next_batch(now, demand);
    if (!next || !send_batch(std::move(*next), now)) return;
  }
}

/// The number of the request that the batch is sent with: its last one, when the server may know it
/// by that and still remembers.
resend_numbers::sent_as link_machine::resend_number_of(const store::batch& of, bool& repeated) {
  repeated = false;
  if (!shared_.session) return {connection_.codec->next_number(), {}};
  const std::optional<resend_numbers::sent_as> last =
      of.attempts > 1 ? shared_.resends.find(of.partition) : std::nullopt;
  const bool forgets = connection_.codec->gen() == protocol::generation::iggy_0_9;
  if (last && !(forgets && shared_.session->last_number - last->number > repeat_distance_max)) {
    repeated = true;
    if (!last->context_is_doubted) return *last;
  }
  const protocol::partition_place* const place = shared_.places.find(of.partition);
  const resend_numbers::sent_as made{
      repeated ? last->number : connection_.codec->next_number(),
      place != nullptr ? place->context : protocol::partition_context{}};
  shared_.resends.set(of.partition, made);
  return made;
}

bool link_machine::send_batch(store::batch&& next, time_point now) {
  const bool stamped =
      settings_.producer_identity && protocol::has_producers(connection_.codec->gen());
  if (stamped && !next.producer) {
    next.producer = shared_.producer.stamp(next.partition, next.entries.size());
    next.recorded = store::batch_recorded::no;
  }
  // A restart has to know it by its stamp.
  if (stamped && next.recorded != store::batch_recorded::yes && work_.record(next)) return true;
  messages_.clear();
  for (const store::entry* each : next.entries) {
    messages_.push_back({each->id, each->origin_time_us, each->payload(), {}});
  }
  protocol::byte_vector header = connection_.output.take_buffer();
  protocol::byte_vector body = connection_.output.take_buffer();
  if (header.capacity() > body.capacity()) std::swap(header, body);
  const protocol::error_code error =
      connection_.codec->encode_send_body({connection_.stream, connection_.topic, next.partition,
                                           messages_, stamped ? next.producer : std::nullopt},
                                          body);
  if (error) {
    // A message over the wire's own limit, or times too far apart for one batch; like an answer of
    // Iggy: halves come back until what cannot be sent is alone.
    if (next.entries.size() == 1) {
      event_ = link_event::event_refused;
      note_error(error, protocol::command::send_messages, now);
    }
    refuse_batch(std::move(next), error, now);
    return true;
  }
  bool repeated = false;
  const resend_numbers::sent_as sent_as = resend_number_of(next, repeated);
  connection_.codec->encode_send_header(body.size(), sent_as.context, sent_as.number, header);
  const std::uint64_t begin = connection_.output.pushed_total();
  connection_.output.push(std::move(header));
  connection_.output.push(std::move(body));
  const protocol::partition_id partition = next.partition;
  put_on_its_way(
      {protocol::command::send_messages, sent_as.number, std::move(next), repeated, partition, {}},
      begin, now);
  ++report_.sends_in_flight;
  ++shared_.sends_in_flight;
  return true;
}

}  // namespace vibes::link
