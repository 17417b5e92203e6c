#include <algorithm>

#include "tests/broker/classic_lookup.hpp"

namespace vibes::broker {
namespace {

constexpr std::size_t groups_max = 1000;

void put_group(bytes& to, const consumer_group& from) {
  put(to, from.id());
  put(to, from.partitions());
  put(to, static_cast<std::uint32_t>(from.members().size()));
  put_text<std::uint8_t>(to, from.name());
}

struct group_path {
  identifier in;
  identifier name;
  identifier group;
};

status take_path(fields& from, group_path& into) {
  for (identifier* one : {&into.in, &into.name, &into.group}) {
    const status read = take_identifier(from, *one);
    if (read != status::ok) return read;
  }
  return status::ok;
}

std::uint32_t highest_id(const std::vector<std::unique_ptr<consumer_group>>& groups) {
  std::uint32_t highest = 0;
  for (const auto& group : groups) highest = std::max(highest, group->id());
  return highest;
}

/// For requests that change a group: finds it, or says how to refuse.
verdict find_group(const classic_request& request, topic*& of, consumer_group*& group) {
  fields body(request.body);
  group_path path;
  const status read = take_path(body, path);
  if (read != status::ok) return malformed(request, read);
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  const topic_found found = find_topic(request, path.in, path.name);
  if (found.why != status::ok) return verdict::refuse(found.why);
  of = found.at;
  group = of->find_group(path.group);
  return group == nullptr ? verdict::refuse(group_missing(request.traits, path.group))
                          : verdict::answer();
}

}  // namespace

verdict get_consumer_group(classic_request& request) {
  topic* of = nullptr;
  consumer_group* group = nullptr;
  const verdict found = find_group(request, of, group);
  // What is missing is answered with an empty reply, as all get_ commands do.
  if (found.is == verdict::kind::refused && found.why >= status::stream_not_found)
    return verdict::answer();
  if (found.is == verdict::kind::refused && found.why == status::unauthenticated)
    return refuse_unknown_reader(request);
  if (found.is != verdict::kind::answered) return found;
  put_group(request.reply, *group);
  for (const group_member& member : group->members()) {
    put(request.reply, member.id);
    put(request.reply, static_cast<std::uint32_t>(member.partitions.size()));
    for (const std::uint32_t id : member.partitions) put(request.reply, id);
  }
  return verdict::answer();
}

verdict get_consumer_groups(classic_request& request) {
  fields body(request.body);
  identifier in;
  identifier name;
  for (identifier* one : {&in, &name}) {
    const status read = take_identifier(body, *one);
    if (read != status::ok) return malformed(request, read);
  }
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  const topic_found found = find_topic(request, in, name);
  if (found.at == nullptr) return nothing_to_list(request, found.why);
  for (const auto& group : found.at->groups) put_group(request.reply, *group);
  return verdict::answer();
}

verdict create_consumer_group(classic_request& request) {
  fields body(request.body);
  identifier in;
  identifier name;
  for (identifier* one : {&in, &name}) {
    const status read = take_identifier(body, *one);
    if (read != status::ok) return malformed(request, read);
  }
  const auto wanted_id = take_new_id(body, request.traits);
  std::string group_name;
  const status named = take_new_name(body, request.traits, status::invalid_group_name, group_name);
  if (named != status::ok) return malformed(request, named);
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  const topic_found found = find_topic(request, in, name);
  if (found.why != status::ok) return verdict::refuse(found.why);
  auto& groups = found.at->groups;
  if (found.at->find_group(group_name) != nullptr) return verdict::refuse(status::group_name_taken);
  if (groups.size() >= groups_max) return verdict::refuse(status::error);
  if (wanted_id && found.at->find_group(*wanted_id) != nullptr)
    return verdict::refuse(status::group_id_taken);
  const std::uint32_t next = groups.empty() ? request.traits.first_id() : highest_id(groups) + 1;
  groups.push_back(std::make_unique<consumer_group>(
      wanted_id.value_or(next), std::move(group_name),
      static_cast<std::uint32_t>(found.at->partitions.size()), found.at->first_id));
  put_group(request.reply, *groups.back());
  return verdict::answer();
}

verdict delete_consumer_group(classic_request& request) {
  topic* of = nullptr;
  consumer_group* group = nullptr;
  const verdict found = find_group(request, of, group);
  if (found.is != verdict::kind::answered) return found;
  std::erase_if(of->groups, [&](const auto& one) { return one.get() == group; });
  return verdict::answer();
}

verdict join_consumer_group(classic_request& request) {
  topic* of = nullptr;
  consumer_group* group = nullptr;
  const verdict found = find_group(request, of, group);
  if (found.is != verdict::kind::answered) return found;
  return group->join(request.at.who.client) ? verdict::answer() : verdict::refuse(status::error);
}

verdict leave_consumer_group(classic_request& request) {
  topic* of = nullptr;
  consumer_group* group = nullptr;
  const verdict found = find_group(request, of, group);
  if (found.is != verdict::kind::answered) return found;
  const bool left = group->leave(request.at.who.client);
  if (left || request.traits.early) return verdict::answer();
  return verdict::refuse(status::group_member_not_found);
}

}  // namespace vibes::broker
