#include "tests/broker/classic_consumer.hpp"

#include <xxhash.h>

#include <algorithm>

namespace vibes::broker {
namespace {

/// A consumer's number: a name counts as its hash, as the server has it.
std::uint32_t number_of(const identifier& who) {
  if (const auto* number = std::get_if<std::uint32_t>(&who)) return *number;
  const std::string_view name = std::get<std::string_view>(who);
  return XXH32(name.data(), name.size(), 0);
}

status resolve_member(const classic_request& request, topic& in, const consumer_request& wanted,
                      purpose what, consumer_place& into) {
  const session& who = request.at.who;
  consumer_group* group = in.find_group(wanted.who);
  if (group == nullptr) return group_missing(request.traits, wanted.who);
  const group_member* member = group->find(who.client);
  if (member == nullptr) return status::group_member_not_found;
  into.key = {2, group->id()};
  if (wanted.partition) {
    into.number = *wanted.partition;
    into.idle = std::find(member->partitions.begin(), member->partitions.end(), into.number) ==
                member->partitions.end();
    return status::ok;
  }
  const auto turn = group->partition_of(who.client, what == purpose::poll);
  into.idle = !turn;
  into.number = turn.value_or(0);
  return status::ok;
}

}  // namespace

status take_consumer(fields& from, const classic_traits& traits, consumer_request& into) {
  into.kind = from.take<std::uint8_t>();
  if (!from.whole() || (into.kind != 1 && into.kind != 2)) return status::invalid_command;
  for (identifier* name : {&into.who, &into.in, &into.name}) {
    const status read = take_identifier(from, *name);
    if (read != status::ok) return read;
  }
  const bool flagged = !traits.early && from.take<std::uint8_t>() == 1;
  const auto number = from.take<std::uint32_t>();
  const bool given = traits.early ? number != 0 : flagged;
  if (given) into.partition = number;
  return from.whole() ? status::ok : status::invalid_command;
}

status resolve(const classic_request& request, const consumer_request& wanted, purpose what,
               consumer_place& into) {
  const topic_found of = find_topic(request, wanted.in, wanted.name);
  if (of.why != status::ok) return of.why;
  if (request.traits.early && what == purpose::poll && of.at->partitions.empty())
    return status::no_partitions;
  if (wanted.kind == 2) {
    const status member = resolve_member(request, *of.at, wanted, what, into);
    if (member != status::ok) return member;
  } else {
    into.key = {1, number_of(wanted.who)};
    into.number = wanted.partition.value_or(of.at->first_id);
  }
  into.found = of.at->find_partition(into.number);
  return status::ok;
}

}  // namespace vibes::broker
