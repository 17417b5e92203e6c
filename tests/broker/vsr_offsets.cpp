#include "tests/broker/vsr_consumer.hpp"

namespace vibes::broker {
namespace {

/// Where a store or a delete goes: other than a poll, these say what is missing.
status resolve_for_change(const consumer_request& wanted, vsr_request& request,
                          consumer_place& into) {
  if (!request.traits.binds_and_routes && check_leader(request) != status::ok)
    return status::not_accepted;
  session member = member_of(request);
  const status found =
      resolve(wanted, {request.at.with, member, request.at.now_us}, purpose::offset, into);
  if (found != status::ok) return missing(request, found);
  if (into.idle) return missing(request, status::consumer_not_resolved);
  if (into.found == nullptr || !wanted.partition)
    return missing(request, status::partition_not_found);
  return check_route(request, *into.found, into.number);
}

/// Anyone may read a group's offset, member or not.
status resolve_for_reading(const consumer_request& wanted, vsr_request& request,
                           consumer_place& into) {
  if (wanted.kind == 1) return resolve(wanted, request.at, purpose::offset, into);
  topic* in = request.data().find(wanted.in, wanted.name);
  consumer_group* group = in == nullptr ? nullptr : in->find_group(wanted.who);
  if (group == nullptr) return status::group_not_found;
  into.key = {2, group->id()};
  into.number = wanted.partition.value_or(0);
  if (into.number < in->partitions.size()) into.found = in->partitions[into.number].get();
  return status::ok;
}

/// True when this request has been carried out before: then its answer is given again.
bool applied_before(vsr_request& request, vsr_partition& standing) {
  return standing.requests_of(request.head.client()).of(request.head.request()) !=
         applied_requests::standing::fresh;
}

outcome commit(vsr_request& request, vsr_partition& standing) {
  standing.requests_of(request.head.client()).remember(request.head.request(), std::nullopt);
  request.op = ++standing.op;
  request.committed = true;
  return outcome::answer();
}

}  // namespace

status take_consumer(fields& from, consumer_request& into) {
  return take_consumer(from, traits_of_0_8(), into);
}

status resolve(const consumer_request& wanted, serving at, purpose what, consumer_place& into) {
  bytes no_reply;
  return resolve(classic_request{traits_of_0_8(), at, {}, no_reply}, wanted, what, into);
}

session member_of(const vsr_request& request) {
  session member = request.at.who;
  member.client = member.group_member != 0 ? member.group_member : request.session->member();
  return member;
}

outcome get_consumer_offset(vsr_request& request) {
  fields body(request.body);
  consumer_request wanted;
  const status read = take_consumer(body, wanted);
  if (read != status::ok) return outcome::deny(read);
  consumer_place place;
  // Whatever else is missing here is answered with an empty reply.
  if (resolve_for_reading(wanted, request, place) != status::ok) return outcome::answer();
  if (place.found == nullptr) return outcome::deny(status::partition_not_found);
  const auto stored = place.found->stored_offset(place.key);
  if (!stored) return outcome::answer();
  put(request.reply, place.number);
  put(request.reply, place.found->current_offset());
  put(request.reply, *stored);
  return outcome::answer();
}

outcome store_consumer_offset(vsr_request& request) {
  fields body(request.body);
  consumer_request wanted;
  const status read = take_consumer(body, wanted);
  if (read != status::ok) return outcome::deny(read);
  const auto offset = body.take<std::uint64_t>();
  body.take<std::uint8_t>();  // how many replicas are to have it
  if (!body.whole()) return outcome::deny(missing(request, status::invalid_format));
  consumer_place place;
  const status found = resolve_for_change(wanted, request, place);
  if (found != status::ok) return outcome::deny(found);
  if (applied_before(request, place.found->vsr())) return commit(request, place.found->vsr());
  if (offset >= place.found->next_offset()) return outcome::deny(status::invalid_offset);
  if (!place.found->store_offset(place.key, offset)) return outcome::deny(status::error);
  return commit(request, place.found->vsr());
}

outcome delete_consumer_offset(vsr_request& request) {
  fields body(request.body);
  consumer_request wanted;
  const status read = take_consumer(body, wanted);
  if (read != status::ok) return outcome::deny(read);
  body.take<std::uint8_t>();  // how many replicas are to have it
  if (!body.whole()) return outcome::deny(missing(request, status::invalid_format));
  consumer_place place;
  const status found = resolve_for_change(wanted, request, place);
  if (found != status::ok) return outcome::deny(found);
  if (applied_before(request, place.found->vsr())) return commit(request, place.found->vsr());
  if (!place.found->delete_offset(place.key))
    return outcome::deny(status::consumer_offset_not_found);
  return commit(request, place.found->vsr());
}

}  // namespace vibes::broker
