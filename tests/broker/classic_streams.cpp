#include "tests/broker/classic_lookup.hpp"

namespace vibes::broker {
namespace {

void put_stream(bytes& to, const stream& from) {
  std::uint64_t size = 0;
  std::uint64_t messages = 0;
  for (const auto& one : from.topics) {
    size += one->records_bytes();
    messages += one->messages();
  }
  put(to, from.id);
  put(to, from.created_us);
  put(to, static_cast<std::uint32_t>(from.topics.size()));
  put(to, size);
  put(to, messages);
  put_text<std::uint8_t>(to, from.name);
}

}  // namespace

verdict get_stream(classic_request& request) {
  fields body(request.body);
  identifier name;
  const status read = take_identifier(body, name);
  if (read != status::ok) return malformed(request, read);
  if (unknown_visitor(request)) return refuse_unknown_reader(request);
  const stream* found = request.at.with.data().find(name);
  if (found == nullptr) return verdict::answer();
  put_stream(request.reply, *found);
  for (const auto& one : found->topics) put_topic(request.reply, *one);
  return verdict::answer();
}

verdict get_streams(classic_request& request) {
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  for (const auto& one : request.at.with.data().streams()) put_stream(request.reply, *one);
  return verdict::answer();
}

verdict create_stream(classic_request& request) {
  fields body(request.body);
  const auto id = take_new_id(body, request.traits);
  // 0.4 sees by the length that there is no name, and does not get to the name's own number.
  if (request.traits.legacy && request.body.size() < 6) return malformed(request);
  std::string name;
  const status read = take_new_name(body, request.traits, status::invalid_stream_name, name);
  if (read != status::ok) return malformed(request, read);
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  store& kept = request.at.with.data();
  if (kept.find(name) != nullptr) return verdict::refuse(status::stream_name_taken);
  if (id && kept.find(*id) != nullptr) return verdict::refuse(status::stream_id_taken);
  const stream* added = kept.add_stream(name, request.at.now_us, id);
  if (added == nullptr) return verdict::refuse(status::error);
  put_stream(request.reply, *added);
  return verdict::answer();
}

verdict delete_stream(classic_request& request) {
  fields body(request.body);
  identifier name;
  const status read = take_identifier(body, name);
  if (read != status::ok) return malformed(request, read);
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  store& kept = request.at.with.data();
  const stream* found = kept.find(name);
  if (found == nullptr) return verdict::refuse(stream_missing(request.traits, name));
  kept.remove(*found);
  return verdict::answer();
}

}  // namespace vibes::broker
