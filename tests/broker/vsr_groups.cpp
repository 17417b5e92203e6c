#include "tests/broker/vsr_consumer.hpp"

namespace vibes::broker {
namespace {

constexpr std::size_t groups_max = 1000;

void put_group(bytes& to, const consumer_group& from) {
  put(to, from.id());
  put(to, from.partitions());
  put(to, static_cast<std::uint32_t>(from.members().size()));
  put_text<std::uint8_t>(to, from.name());
}

struct found_group {
  status why = status::ok;
  topic* of = nullptr;
  consumer_group* group = nullptr;
};

status find_topic(vsr_request& request, fields& body, topic*& into) {
  identifier in;
  identifier name;
  for (identifier* one : {&in, &name}) {
    const status read = take_identifier(body, *one);
    if (read != status::ok) return read;
  }
  stream* const holder = request.data().find(in);
  if (holder == nullptr) return status::stream_not_found;
  into = holder->find(name);
  return into == nullptr ? status::topic_not_found : status::ok;
}

found_group find_group(vsr_request& request) {
  fields body(request.body);
  found_group found;
  found.why = find_topic(request, body, found.of);
  if (found.why != status::ok) return found;
  identifier name;
  found.why = take_identifier(body, name);
  if (found.why != status::ok) return found;
  found.group = found.of->find_group(name);
  if (found.group == nullptr) found.why = status::group_not_found;
  return found;
}

/// What is missing is answered with an empty reply, as all get_ commands do.
outcome answer_unless_malformed(status why) {
  return why < status::stream_not_found ? outcome::deny(why) : outcome::answer();
}

}  // namespace

outcome get_consumer_group(vsr_request& request) {
  const found_group found = find_group(request);
  if (found.why != status::ok) return answer_unless_malformed(found.why);
  put_group(request.reply, *found.group);
  for (const group_member& member : found.group->members()) {
    put(request.reply, member.id);
    put(request.reply, static_cast<std::uint32_t>(member.partitions.size()));
    for (const std::uint32_t id : member.partitions) put(request.reply, id);
  }
  return outcome::answer();
}

outcome get_consumer_groups(vsr_request& request) {
  fields body(request.body);
  topic* of = nullptr;
  const status found = find_topic(request, body, of);
  if (found != status::ok) return answer_unless_malformed(found);
  for (const auto& group : of->groups) put_group(request.reply, *group);
  return outcome::answer();
}

outcome create_consumer_group(vsr_request& request) {
  fields body(request.body);
  topic* of = nullptr;
  const status found = find_topic(request, body, of);
  if (found != status::ok) return outcome::reject(found);
  std::string_view name;
  if (!take_name(body, name)) return outcome::deny(status::invalid_format);
  auto& groups = of->groups;
  if (of->find_group(name) != nullptr) return outcome::reject(status::group_name_taken);
  if (groups.size() >= groups_max) return outcome::reject(status::error);
  const std::uint32_t id = groups.empty() ? 0 : groups.back()->id() + 1;
  groups.push_back(std::make_unique<consumer_group>(
      id, std::string(name), static_cast<std::uint32_t>(of->partitions.size()), 0));
  put_group(request.reply, *groups.back());
  return outcome::answer();
}

outcome delete_consumer_group(vsr_request& request) {
  const found_group found = find_group(request);
  if (found.why != status::ok) return outcome::reject(found.why);
  std::erase_if(found.of->groups, [&](const auto& one) { return one.get() == found.group; });
  return outcome::answer();
}

outcome join_consumer_group(vsr_request& request) {
  const found_group found = find_group(request);
  if (found.why != status::ok) return outcome::reject(found.why);
  return found.group->join(request.session->member()) ? outcome::answer()
                                                      : outcome::reject(status::error);
}

outcome leave_consumer_group(vsr_request& request) {
  const found_group found = find_group(request);
  if (found.why != status::ok) return outcome::reject(found.why);
  return found.group->leave(request.session->member())
             ? outcome::answer()
             : outcome::reject(status::group_member_not_found);
}

outcome sync_consumer_group(vsr_request& request) {
  const found_group found = find_group(request);
  if (found.why != status::ok) return answer_unless_malformed(found.why);
  const group_member* const member = found.group->find(request.session->member());
  if (member == nullptr) return outcome::answer();
  put<std::uint64_t>(request.reply, found.group->members().size());  // grows and shrinks with it
  put(request.reply, static_cast<std::uint32_t>(member->partitions.size()));
  for (const std::uint32_t id : member->partitions) put(request.reply, id);
  return outcome::answer();
}

}  // namespace vibes::broker
