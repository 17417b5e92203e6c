#include <xxhash.h>

#include "tests/broker/classic.hpp"
#include "tests/broker/vsr.hpp"
#include "tests/broker/vsr_batch.hpp"

namespace vibes::broker {
namespace {

enum class partitioning : std::uint8_t { balanced = 1, partition_id = 2, messages_key = 3 };

struct destination {
  identifier in;
  identifier name;
  partitioning by = partitioning::balanced;
  bytes_view value;
  std::uint32_t messages = 0;
};

bool take_destination(fields& from, destination& into) {
  for (identifier* name : {&into.in, &into.name})
    if (take_identifier(from, *name) != status::ok) return false;
  const auto kind = from.take<std::uint8_t>();
  const auto size = from.take<std::uint8_t>();
  into.value = from.take(size);
  into.messages = from.take<std::uint32_t>();
  if (!from.whole() || kind < 1 || kind > 3) return false;
  into.by = partitioning{kind};
  return into.by == partitioning::balanced       ? size == 0
         : into.by == partitioning::partition_id ? size == 4
                                                 : size != 0;
}

struct place {
  const stream* in = nullptr;
  topic* of = nullptr;
  std::uint32_t number = 0;
  partition* found = nullptr;
};

status find_place(vsr_request& request, const destination& to, place& into) {
  stream* const in = request.data().find(to.in);
  if (in == nullptr) return missing(request, status::stream_not_found);
  topic* const of = in->find(to.name);
  if (of == nullptr) return missing(request, status::topic_not_found);
  into.in = in;
  into.of = of;
  const std::size_t count = of->partitions.size();
  if (count == 0) return missing(request, status::partition_not_found);
  switch (to.by) {
    case partitioning::balanced:
      into.number = static_cast<std::uint32_t>(of->balanced_turn++ % count);
      break;
    case partitioning::messages_key:
      into.number = static_cast<std::uint32_t>(XXH32(to.value.data(), to.value.size(), 0) % count);
      break;
    case partitioning::partition_id: into.number = load<std::uint32_t>(to.value.data()); break;
  }
  if (into.number >= count) return missing(request, status::partition_not_found);
  into.found = of->partitions[into.number].get();
  return status::ok;
}

void put_confirmation(vsr_request& request, const place& where, std::uint64_t base_offset) {
  put<std::uint32_t>(request.reply, 1);
  put(request.reply, where.in->id);
  put(request.reply, where.of->id);
  put(request.reply, where.number);
  put(request.reply, base_offset);
}

/// One send to a partition at a time for each session: 57 for the same again, 58 for another.
status check_unresolved(vsr_request& request, const place& where) {
  const auto found = request.session->unresolved.find(where.found);
  if (found == request.session->unresolved.end()) return status::ok;
  return found->second.second == request.head.request() ? status::not_committed
                                                        : status::not_accepted;
}

/// A request that was here before. True when that settles it.
bool seen_before(vsr_request& request, const place& where, std::uint32_t messages, outcome& ended) {
  const applied_requests& applied = where.found->vsr().requests_of(request.head.client());
  const std::uint64_t number = request.head.request();
  const applied_requests::standing standing = applied.of(number);
  if (standing == applied_requests::standing::fresh) return false;
  ended = outcome::answer();
  request.committed = true;
  request.op = std::max<std::uint64_t>(where.found->vsr().op, 1);
  request.at.with.counters().messages_repeated += messages;
  // 0.9 answers an empty success, even for a number so old that nobody knows.
  if (!request.traits.binds_and_routes) return true;
  if (standing == applied_requests::standing::too_old) {
    request.committed = false;
    ended = outcome::deny(status::request_too_old);
    return true;
  }
  put_confirmation(request, where, applied.answer_to(number).value_or(0));
  return true;
}

status judge_producer(vsr_request& request, const place& where, const sent_batch& batch,
                      std::optional<std::uint64_t>& repeated_at) {
  if (!batch.producer) return status::ok;
  auto& producers = where.found->vsr().producers;
  const auto known = producers.find(batch.producer->id);
  if (known == producers.end()) {
    const bool begins = batch.producer->base_sequence == 0;
    if (begins && producers.size() < vsr_partition::producers_max) return status::ok;
    return status::producer_unknown;
  }
  switch (known->second.judge(*batch.producer, batch.count)) {
    case producer_state::judgement::next: return status::ok;
    case producer_state::judgement::out_of_order: return status::producer_out_of_order;
    case producer_state::judgement::fenced: return status::producer_fenced;
    case producer_state::judgement::repeated: break;
  }
  repeated_at = known->second.repeated_at(*batch.producer);
  request.at.with.counters().messages_repeated += batch.count;
  return status::ok;
}

std::uint64_t store_batch(vsr_request& request, const place& where, const sent_batch& batch) {
  const std::uint64_t base_offset = where.found->next_offset();
  where.found->append(batch.frames, batch.ends,
                      {0, request.at.now_us, batch.origin_us, batch.section},
                      batch_at::header_bytes);
  if (batch.producer)
    where.found->vsr().producers[batch.producer->id].remember(*batch.producer, batch.count,
                                                              base_offset);
  broker_counters& counted = request.at.with.counters();
  counted.batch_received(batch.count);
  counted.messages_stored += batch.count;
  counted.bytes_stored += batch.frames.size() + batch_at::header_bytes;
  request.data().retain();
  return base_offset;
}

outcome append(vsr_request& request, const place& where, const sent_batch& batch) {
  std::optional<std::uint64_t> repeated_at;
  const status judged = judge_producer(request, where, batch, repeated_at);
  if (judged != status::ok) return outcome::deny(judged);
  const std::uint64_t base_offset = repeated_at ? *repeated_at : store_batch(request, where, batch);
  vsr_partition& standing = where.found->vsr();
  standing.requests_of(request.head.client()).remember(request.head.request(), base_offset);
  if (request.traits.binds_and_routes)
    request.session->unresolved[where.found] = {request.at.who.client, request.head.request()};
  request.op = ++standing.op;
  request.committed = true;
  put_confirmation(request, where, base_offset);
  return outcome::answer();
}

}  // namespace

outcome send_messages(vsr_request& request) {
  const bool routed = request.traits.binds_and_routes;
  if (!routed && check_leader(request) != status::ok) return outcome::deny(status::not_accepted);
  fields body(request.body);
  fields metadata(body.take(body.take<std::uint32_t>()));
  destination to;
  if (!body.whole() || !take_destination(metadata, to))
    return outcome::deny(missing(request, status::invalid_format));
  const bytes_view raw = request.body.subspan(body.at());
  if (routed && to.by != partitioning::partition_id) {
    const bool produced =
        raw.size() > batch_at::producer && raw[batch_at::producer] != std::byte{0};
    return outcome::deny(produced ? status::producer_partition_required : status::invalid_format);
  }
  place where;
  const status found = find_place(request, to, where);
  if (found != status::ok) return outcome::deny(found);
  const status routing = check_route(request, *where.found, where.number);
  if (routing != status::ok) return outcome::deny(routing);
  if (request.head.owner() != 0) return outcome::deny(status::owner_without_group);
  const status waits = check_unresolved(request, where);
  if (waits != status::ok) return outcome::deny(waits);
  outcome ended;
  if (seen_before(request, where, to.messages, ended)) return ended;
  sent_batch batch;
  if (!read_batch(raw, to.messages, routed, batch)) return outcome::stay_silent();
  return append(request, where, batch);
}

}  // namespace vibes::broker
