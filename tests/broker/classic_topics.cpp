#include "tests/broker/classic_lookup.hpp"

namespace vibes::broker {
namespace {

constexpr std::uint32_t partitions_per_request_max = 1000;
constexpr std::uint64_t unlimited = ~std::uint64_t{0};

struct topic_path {
  identifier in;
  identifier name;
};

status take_path(fields& from, topic_path& into) {
  const status read = take_identifier(from, into.in);
  return read == status::ok ? take_identifier(from, into.name) : read;
}

void put_partitions(bytes& to, const topic& from, std::uint32_t segments) {
  std::uint32_t id = from.first_id;
  for (const auto& one : from.partitions) {
    put(to, id++);
    put(to, one->created_us());
    put(to, segments);
    put(to, one->current_offset());
    put(to, one->records_bytes());
    put(to, one->messages());
  }
}

struct new_topic {
  identifier in;
  std::optional<std::uint32_t> id;
  std::uint32_t partitions;
  topic_settings settings;
  std::string name;
};

/// The status is that of 0.8 or 0.4; the others hang up instead.
status take_new_topic(fields& from, const classic_traits& traits, new_topic& into) {
  const status read = take_identifier(from, into.in);
  if (read != status::ok) return read;
  into.id = take_new_id(from, traits);
  into.partitions = from.take<std::uint32_t>();
  into.settings.compression = from.take<std::uint8_t>();
  into.settings.message_expiry_us = from.take<std::uint64_t>();
  into.settings.size_bytes_max = from.take<std::uint64_t>();
  into.settings.replication_factor = from.take<std::uint8_t>();
  if (!from.whole()) return status::invalid_command;
  const status named = take_new_name(from, traits, status::invalid_topic_name, into.name);
  if (named != status::ok) return named;
  if (into.partitions > partitions_per_request_max) return status::too_many_partitions;
  if (into.settings.compression != 1 && into.settings.compression != 2)
    return status::invalid_command;
  return status::ok;
}

/// 0 asks for the server's default: events never expire, there is one copy, and the size is
/// unlimited but with 0.4.
void apply_defaults(topic_settings& settings, const classic_traits& traits) {
  if (settings.message_expiry_us == 0) settings.message_expiry_us = unlimited;
  if (settings.size_bytes_max == 0) settings.size_bytes_max = traits.topic_bytes_default;
  if (settings.replication_factor == 0) settings.replication_factor = 1;
}

}  // namespace

void put_topic(bytes& to, const topic& from) {
  put(to, from.id);
  put(to, from.created_us);
  put(to, static_cast<std::uint32_t>(from.partitions.size()));
  put(to, from.settings.message_expiry_us);
  put(to, from.settings.compression);
  put(to, from.settings.size_bytes_max);
  put(to, from.settings.replication_factor);
  put(to, from.records_bytes());
  put(to, from.messages());
  put_text<std::uint8_t>(to, from.name);
}

verdict get_topic(classic_request& request) {
  fields body(request.body);
  topic_path path;
  const status read = take_path(body, path);
  if (read != status::ok) return malformed(request, read);
  if (unknown_visitor(request)) return refuse_unknown_reader(request);
  const topic* found = request.at.with.data().find(path.in, path.name);
  if (found == nullptr) return verdict::answer();
  put_topic(request.reply, *found);
  put_partitions(request.reply, *found, 1);
  return verdict::answer();
}

verdict get_topics(classic_request& request) {
  fields body(request.body);
  identifier name;
  const status read = take_identifier(body, name);
  if (read != status::ok) return malformed(request, read);
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  const stream* in = request.at.with.data().find(name);
  if (in == nullptr) return nothing_to_list(request, stream_missing(request.traits, name));
  for (const auto& one : in->topics) put_topic(request.reply, *one);
  return verdict::answer();
}

verdict create_topic(classic_request& request) {
  fields body(request.body);
  new_topic wanted;
  const status read = take_new_topic(body, request.traits, wanted);
  if (read != status::ok) return malformed(request, read);
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  store& kept = request.at.with.data();
  stream* in = kept.find(wanted.in);
  if (in == nullptr) return verdict::refuse(stream_missing(request.traits, wanted.in));
  if (in->find(wanted.name) != nullptr) return verdict::refuse(status::topic_name_taken);
  if (wanted.id && in->find(*wanted.id) != nullptr) return verdict::refuse(status::topic_id_taken);
  apply_defaults(wanted.settings, request.traits);
  if (wanted.settings.size_bytes_max < request.traits.segment_bytes)
    return verdict::refuse(status::invalid_topic_size);
  if (kept.partitions() + wanted.partitions > store::partitions_max)
    return verdict::refuse(status::error);
  topic* added = kept.add_topic(*in, wanted.name, wanted.settings, request.at.now_us, wanted.id);
  if (added == nullptr) return verdict::refuse(status::error);
  added->add_partitions(wanted.partitions, request.at.now_us);
  put_topic(request.reply, *added);
  put_partitions(request.reply, *added, request.traits.counts_new_segments ? 1 : 0);
  return verdict::answer();
}

verdict delete_topic(classic_request& request) {
  fields body(request.body);
  topic_path path;
  const status read = take_path(body, path);
  if (read != status::ok) return malformed(request, read);
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  store& kept = request.at.with.data();
  const topic_found found = find_topic(request, path.in, path.name);
  if (found.why != status::ok) return verdict::refuse(found.why);
  kept.remove(*kept.find(path.in), *found.at);
  return verdict::answer();
}

verdict create_partitions(classic_request& request) {
  fields body(request.body);
  topic_path path;
  const status read = take_path(body, path);
  if (read != status::ok) return malformed(request, read);
  const auto count = body.take<std::uint32_t>();
  if (!body.whole()) return malformed(request);
  if (count == 0 || count > partitions_per_request_max)
    return malformed(request, status::too_many_partitions);
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  store& kept = request.at.with.data();
  const topic_found found = find_topic(request, path.in, path.name);
  if (found.why != status::ok) return verdict::refuse(found.why);
  if (kept.partitions() + count > store::partitions_max) return verdict::refuse(status::error);
  found.at->add_partitions(count, request.at.now_us);
  return verdict::answer();
}

}  // namespace vibes::broker
