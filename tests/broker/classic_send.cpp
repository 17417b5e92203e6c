#include "tests/broker/classic_append.hpp"

namespace vibes::broker {
namespace {

/// Reads the front of the body; `messages` is how many there are said to be.
status take_destination(fields& from, destination& into, std::uint32_t& messages) {
  for (identifier* name : {&into.in, &into.name})
    if (take_identifier(from, *name) != status::ok) return status::invalid_identifier;
  if (take_partitioning(from, into) != status::ok) return status::invalid_command;
  messages = from.take<std::uint32_t>();
  return from.whole() ? status::ok : status::invalid_command;
}

struct send_parts {
  destination to;
  bytes_view index;
  bytes_view records;
};

/// Takes the body apart in the stages in which the real server reads it.
verdict take_parts(const classic_request& request, send_parts& into) {
  const std::size_t frame_header = classic_dialect::frame_header_bytes;
  const auto give_up = [&](status why, std::size_t body_read) {
    // 0.7 and later check before they read.
    const bool careful = request.traits.logged_in == send_login::before_body;
    return careful ? verdict::refuse(why, frame_header + body_read) : verdict::hang_up();
  };
  if (request.body.size() < 4) return give_up(status::invalid_command, request.body.size());
  const std::size_t metadata_bytes = load<std::uint32_t>(request.body.data());
  if (metadata_bytes > request.body.size() - 4) return give_up(status::invalid_command, 4);
  fields metadata(request.body.subspan(4, metadata_bytes));
  std::uint32_t messages = 0;
  const status read = take_destination(metadata, into.to, messages);
  if (read != status::ok) return verdict::refuse(read, frame_header + 4 + metadata_bytes);
  // 0.5 takes an index of no bytes for the end of the connection.
  if (request.traits.early && messages == 0) return verdict::refuse(status::connection_closed);
  const bytes_view rest = request.body.subspan(4 + metadata_bytes);
  const std::size_t index_bytes = std::size_t{messages} * index_entry::bytes;
  if (index_bytes > rest.size()) return give_up(status::invalid_command, 4 + metadata_bytes);
  into.index = rest.first(index_bytes);
  into.records = rest.subspan(index_bytes);
  return verdict::answer();
}

}  // namespace

verdict send_messages(classic_request& request) {
  if (request.traits.logged_in == send_login::before_body && unknown_visitor(request))
    return verdict::refuse(status::unauthenticated, classic_dialect::frame_header_bytes);
  send_parts parts;
  const verdict taken = take_parts(request, parts);
  if (taken.is != verdict::kind::answered) return taken;
  record_ends ends;
  const verdict checked = check_records(request.traits, parts.index, parts.records, ends);
  if (checked.is != verdict::kind::answered) return checked;
  return append_records(request, parts.to, parts.records, ends);
}

verdict flush_unsaved_buffer(classic_request& request) {
  fields body(request.body);
  identifier in;
  identifier name;
  for (identifier* one : {&in, &name}) {
    const status read = take_identifier(body, *one);
    if (read != status::ok) return malformed(request, read);
  }
  const auto wanted = body.take<std::uint32_t>();
  body.take<std::uint8_t>();  // fsync: there is nothing to sync
  if (!body.whole()) return malformed(request);
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  const topic_found found = find_topic(request, in, name);
  if (found.why != status::ok) return verdict::refuse(found.why);
  const bool there = found.at->find_partition(wanted) != nullptr;
  return there ? verdict::answer() : verdict::refuse(status::partition_not_found);
}

}  // namespace vibes::broker
