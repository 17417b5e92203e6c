#include "tests/broker/classic.hpp"
#include "tests/broker/vsr_options.hpp"

namespace vibes::broker {
namespace {

constexpr std::uint32_t partitions_per_request_max = 1000;

struct topic_path {
  identifier in;
  identifier name;
};

status take_path(fields& from, topic_path& into) {
  const status read = take_identifier(from, into.in);
  return read == status::ok ? take_identifier(from, into.name) : read;
}

void put_block(bytes& to, const bytes& block) {
  put(to, static_cast<std::uint32_t>(block.size()));
  put_bytes(to, block);
}

/// Every node keeps every partition here, and all of them are in step.
void put_members(vsr_request& request) {
  const std::size_t nodes = request.at.with.options().nodes;
  for (int list = 0; list < 2; ++list) {
    put(request.reply, static_cast<std::uint8_t>(nodes));
    for (std::size_t node = 0; node < nodes; ++node)
      put(request.reply, static_cast<std::uint8_t>(node));
  }
}

void put_partitions(vsr_request& request, const topic& from, std::uint32_t segments) {
  std::uint32_t id = 0;
  bytes& to = request.reply;
  for (const auto& one : from.partitions) {
    put(to, id);
    put(to, one->created_us());
    put(to, segments);
    put(to, one->current_offset());
    put(to, one->records_bytes());
    put(to, one->messages());
    if (request.traits.binds_and_routes) {
      put(to, standing_of(request, *one, id).incarnation);
      put<std::uint64_t>(to, 0);  // nobody owns it
      put(to, request.simulation().metadata_op());
      put_members(request);
    }
    ++id;
  }
}

}  // namespace

void put_topic(vsr_request& request, const topic& from) {
  bytes& to = request.reply;
  put(to, from.id);
  put(to, from.created_us);
  put(to, static_cast<std::uint32_t>(from.partitions.size()));
  if (!request.traits.binds_and_routes) {
    put(to, from.settings.message_expiry_us);
    put(to, from.settings.compression);
    put(to, from.settings.size_bytes_max);
  }
  put(to, from.records_bytes());
  put(to, from.messages());
  put_text<std::uint8_t>(to, from.name);
  put_block(to, from.options_given);
  put_block(to, from.options_derived);
}

outcome get_topic(vsr_request& request) {
  fields body(request.body);
  topic_path path;
  const status read = take_path(body, path);
  if (read != status::ok) return outcome::deny(read);
  const topic* found = request.data().find(path.in, path.name);
  if (found == nullptr) return outcome::answer();
  put_topic(request, *found);
  put_partitions(request, *found, 1);
  return outcome::answer();
}

outcome get_topics(vsr_request& request) {
  fields body(request.body);
  identifier name;
  const status read = take_identifier(body, name);
  if (read != status::ok) return outcome::deny(read);
  const stream* in = request.data().find(name);
  put(request.reply, static_cast<std::uint32_t>(in == nullptr ? 0 : in->topics.size()));
  if (in == nullptr) return outcome::answer();
  for (const auto& one : in->topics) put_topic(request, *one);
  return outcome::answer();
}

outcome create_topic(vsr_request& request) {
  fields body(request.body);
  identifier name_of_stream;
  const status read = take_identifier(body, name_of_stream);
  if (read != status::ok) return outcome::deny(read);
  const auto partitions = body.take<std::uint32_t>();
  std::string_view name;
  if (!take_name(body, name)) return outcome::deny(status::invalid_command);
  topic_options said;
  const status sound = take_topic_options(request.body.subspan(body.at()), request.traits, said);
  // What is wrong in itself is refused before it comes into the log.
  if (sound != status::ok) return outcome::deny(sound);
  if (partitions > partitions_per_request_max) return outcome::deny(status::too_many_partitions);
  store& kept = request.data();
  stream* in = kept.find(name_of_stream);
  if (in == nullptr) return outcome::reject(status::stream_not_found);
  if (in->find(name) != nullptr) return outcome::reject(status::topic_name_taken);
  if (kept.partitions() + partitions > store::partitions_max) return outcome::reject(status::error);
  topic* added = kept.add_topic(*in, name, said.settings, request.at.now_us);
  if (added == nullptr) return outcome::reject(status::error);
  added->options_given = said.given;
  added->options_derived = said.derived;
  added->add_partitions(partitions, request.at.now_us);
  put_topic(request, *added);
  put_partitions(request, *added, 0);
  return outcome::answer();
}

outcome delete_topic(vsr_request& request) {
  fields body(request.body);
  topic_path path;
  const status read = take_path(body, path);
  if (read != status::ok) return outcome::deny(read);
  stream* in = request.data().find(path.in);
  if (in == nullptr) return outcome::reject(status::stream_not_found);
  const topic* found = in->find(path.name);
  if (found == nullptr) return outcome::reject(status::topic_not_found);
  request.data().remove(*in, *found);
  return outcome::answer();
}

outcome create_partitions(vsr_request& request) {
  fields body(request.body);
  topic_path path;
  const status read = take_path(body, path);
  if (read != status::ok) return outcome::deny(read);
  const auto count = body.take<std::uint32_t>();
  if (!body.whole()) return outcome::deny(status::invalid_format);
  if (count == 0 || count > partitions_per_request_max)
    return outcome::deny(status::too_many_partitions);
  store& kept = request.data();
  if (kept.find(path.in) == nullptr) return outcome::reject(status::stream_not_found);
  topic* found = kept.find(path.in, path.name);
  if (found == nullptr) return outcome::reject(status::topic_not_found);
  if (kept.partitions() + count > store::partitions_max) return outcome::reject(status::error);
  found->add_partitions(count, request.at.now_us);
  return outcome::answer();
}

outcome get_partition_route(vsr_request& request) {
  fields body(request.body);
  topic_path path;
  const status read = take_path(body, path);
  if (read != status::ok) return outcome::deny(read);
  const auto number = body.take<std::uint32_t>();
  if (!body.whole()) return outcome::deny(status::invalid_format);
  if (request.data().find(path.in) == nullptr) return outcome::deny(status::stream_not_found);
  const topic* found = request.data().find(path.in, path.name);
  if (found == nullptr) return outcome::deny(status::topic_not_found);
  if (number >= found->partitions.size()) return outcome::deny(status::partition_not_found);
  const vsr_partition& standing = standing_of(request, *found->partitions[number], number);
  put(request.reply, standing.incarnation);
  put(request.reply, request.simulation().metadata_op());
  put(request.reply, standing.view);
  put(request.reply, static_cast<std::uint32_t>(found->partitions.size()));
  put(request.reply, standing.primary);
  return outcome::answer();
}

}  // namespace vibes::broker
