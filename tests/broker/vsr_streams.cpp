#include "tests/broker/classic.hpp"
#include "tests/broker/vsr.hpp"

namespace vibes::broker {
namespace {

void put_stream(vsr_request& request, const stream& from) {
  std::uint64_t size = 0;
  std::uint64_t messages = 0;
  for (const auto& one : from.topics) {
    size += one->records_bytes();
    messages += one->messages();
  }
  bytes& to = request.reply;
  put(to, from.id);
  put(to, from.created_us);
  put(to, static_cast<std::uint32_t>(from.topics.size()));
  put(to, size);
  put(to, messages);
  put_text<std::uint8_t>(to, from.name);
  put<std::uint32_t>(to, 0);                                       // no options
  if (request.traits.binds_and_routes) put<std::uint32_t>(to, 0);  // and none derived
}

}  // namespace

outcome get_stream(vsr_request& request) {
  fields body(request.body);
  identifier name;
  const status read = take_identifier(body, name);
  if (read != status::ok) return outcome::deny(read);
  const stream* found = request.data().find(name);
  if (found == nullptr) return outcome::answer();
  put_stream(request, *found);
  for (const auto& one : found->topics) put_topic(request, *one);
  return outcome::answer();
}

outcome get_streams(vsr_request& request) {
  for (const auto& one : request.data().streams()) put_stream(request, *one);
  return outcome::answer();
}

bool take_name(fields& from, std::string_view& into) {
  into = as_text(from.take(from.take<std::uint8_t>()));
  return from.whole() && !into.empty();
}

outcome create_stream(vsr_request& request) {
  fields body(request.body);
  std::string_view name;
  if (!take_name(body, name)) return outcome::deny(status::invalid_command);
  if (body.at() != request.body.size()) return outcome::deny(status::unsupported_option);
  store& kept = request.data();
  if (kept.find(name) != nullptr) return outcome::reject(status::stream_name_taken);
  const stream* added = kept.add_stream(name, request.at.now_us);
  if (added == nullptr) return outcome::reject(status::error);
  put_stream(request, *added);
  return outcome::answer();
}

outcome delete_stream(vsr_request& request) {
  fields body(request.body);
  identifier name;
  const status read = take_identifier(body, name);
  if (read != status::ok) return outcome::deny(read);
  const stream* found = request.data().find(name);
  if (found == nullptr) return outcome::reject(status::stream_not_found);
  request.data().remove(*found);
  return outcome::answer();
}

}  // namespace vibes::broker
