#include "tests/broker/classic_consumer.hpp"

namespace vibes::broker {
namespace {

/// Where a store or a delete goes: other than a poll, these say what is missing.
status resolve_for_change(const classic_request& request, const consumer_request& wanted,
                          consumer_place& into) {
  const status found = resolve(request, wanted, purpose::offset, into);
  if (found != status::ok) return found;
  if (into.idle) return status::consumer_not_resolved;
  return into.found == nullptr ? status::partition_not_found : status::ok;
}

/// Anyone may read a group's offset, member or not.
status resolve_for_reading(const classic_request& request, const consumer_request& wanted,
                           consumer_place& into) {
  if (wanted.kind == 1) return resolve(request, wanted, purpose::offset, into);
  topic* in = request.at.with.data().find(wanted.in, wanted.name);
  consumer_group* group = in == nullptr ? nullptr : in->find_group(wanted.who);
  if (group == nullptr) return status::group_not_found;
  // 0.4 and 0.5 look among the consumers' offsets for that of a group.
  into.key = {request.traits.early ? 1 : 2, group->id()};
  into.number = wanted.partition.value_or(in->first_id);
  into.found = in->find_partition(into.number);
  return status::ok;
}

}  // namespace

verdict get_consumer_offset(classic_request& request) {
  fields body(request.body);
  consumer_request wanted;
  const status read = take_consumer(body, request.traits, wanted);
  if (read != status::ok) return malformed(request, read);
  if (unknown_visitor(request)) return refuse_unknown_reader(request);
  consumer_place place;
  // Whatever is missing here is answered with an empty reply.
  if (resolve_for_reading(request, wanted, place) != status::ok || place.found == nullptr)
    return verdict::answer();
  const auto stored = place.found->stored_offset(place.key);
  if (!stored && !request.traits.legacy) return verdict::answer();
  put(request.reply, place.number);
  put(request.reply, place.found->current_offset());
  put<std::uint64_t>(request.reply, stored.value_or(0));  // 0.4 has no other word for nothing
  return verdict::answer();
}

verdict store_consumer_offset(classic_request& request) {
  fields body(request.body);
  consumer_request wanted;
  const status read = take_consumer(body, request.traits, wanted);
  if (read != status::ok) return malformed(request, read);
  const auto offset = body.take<std::uint64_t>();
  if (!body.whole()) return malformed(request);
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  consumer_place place;
  const status found = resolve_for_change(request, wanted, place);
  if (found != status::ok) return verdict::refuse(found);
  // 0.4 and 0.5 cannot tell an empty partition from one with a single message.
  const bool first = request.traits.early && offset == 0;
  if (offset >= place.found->next_offset() && !first)
    return verdict::refuse(status::invalid_offset);
  return place.found->store_offset(place.key, offset) ? verdict::answer()
                                                      : verdict::refuse(status::error);
}

verdict delete_consumer_offset(classic_request& request) {
  fields body(request.body);
  consumer_request wanted;
  const status read = take_consumer(body, request.traits, wanted);
  if (read != status::ok) return malformed(request, read);
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  consumer_place place;
  const status found = resolve_for_change(request, wanted, place);
  if (found != status::ok) return verdict::refuse(found);
  return place.found->delete_offset(place.key) ? verdict::answer()
                                               : verdict::refuse(status::consumer_offset_not_found);
}

}  // namespace vibes::broker
