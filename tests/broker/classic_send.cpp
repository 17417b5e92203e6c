#include <xxhash.h>

#include "tests/broker/classic.hpp"
#include "tests/broker/classic_record.hpp"

namespace vibes::broker {
namespace {

using record_ends = std::vector<std::uint32_t>;

enum class partitioning : std::uint8_t { balanced = 1, partition_id = 2, messages_key = 3 };

struct destination {
  identifier in;
  identifier name;
  partitioning by = partitioning::balanced;
  bytes_view value;
  std::uint32_t messages = 0;
};

status take_partitioning(fields& from, destination& into) {
  const auto kind = from.take<std::uint8_t>();
  const auto size = from.take<std::uint8_t>();
  into.value = from.take(size);
  if (!from.whole() || kind < 1 || kind > 3) return status::invalid_command;
  into.by = static_cast<partitioning>(kind);
  const bool sound = into.by == partitioning::balanced       ? size == 0
                     : into.by == partitioning::partition_id ? size == 4
                                                             : size != 0;
  return sound ? status::ok : status::invalid_command;
}

status take_destination(fields& from, destination& into) {
  for (identifier* name : {&into.in, &into.name})
    if (take_identifier(from, *name) != status::ok) return status::invalid_identifier;
  const status read = take_partitioning(from, into);
  if (read != status::ok) return read;
  into.messages = from.take<std::uint32_t>();
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
    const bool careful = request.traits.send_needs_login;  // 0.7 and later check before they read
    return careful ? verdict::refuse(why, frame_header + body_read) : verdict::hang_up();
  };
  if (request.body.size() < 4) return give_up(status::invalid_command, request.body.size());
  const std::size_t metadata_bytes = load<std::uint32_t>(request.body.data());
  if (metadata_bytes > request.body.size() - 4) return give_up(status::invalid_command, 4);
  fields metadata(request.body.subspan(4, metadata_bytes));
  const status read = take_destination(metadata, into.to);
  if (read != status::ok) return verdict::refuse(read, frame_header + 4 + metadata_bytes);
  const bytes_view rest = request.body.subspan(4 + metadata_bytes);
  const std::size_t index_bytes = std::size_t{into.to.messages} * index_entry::bytes;
  if (index_bytes > rest.size()) return give_up(status::invalid_command, 4 + metadata_bytes);
  into.index = rest.first(index_bytes);
  into.records = rest.subspan(index_bytes);
  return verdict::answer();
}

verdict pick_partition(const classic_request& request, topic& in, const destination& to,
                       std::size_t& picked) {
  const std::size_t count = in.partitions.size();
  switch (to.by) {
    case partitioning::balanced:
      if (count == 0) return verdict::refuse(request.traits.balanced_nowhere);
      picked = in.balanced_turn++ % count;
      break;
    case partitioning::partition_id: picked = load<std::uint32_t>(to.value.data()); break;
    case partitioning::messages_key:
      if (count == 0) return verdict::hang_up();  // the real one divides by zero
      picked = XXH32(to.value.data(), to.value.size(), 0) % count;
      break;
  }
  return picked < count ? verdict::answer() : verdict::refuse(status::partition_not_found);
}

/// Leaves out the messages whose id the partition has seen lately.
void deduplicate(partition& in, bytes_view& records, record_ends& ends, bytes& kept) {
  record_ends kept_ends;
  std::size_t begin = 0;
  for (const std::uint32_t end : ends) {
    const bytes_view record = records.subspan(begin, end - begin);
    begin = end;
    const auto id = load<message_id>(record.data() + record_at::id);
    if (id != message_id{} && !in.ids().remember(id)) continue;
    put_bytes(kept, record);
    kept_ends.push_back(static_cast<std::uint32_t>(kept.size()));
  }
  records = kept;
  ends.swap(kept_ends);
}

void store_records(const classic_request& request, partition& in, bytes_view records,
                   record_ends& ends) {
  broker& with = request.at.with;
  const std::size_t received = ends.size();
  with.counters().batch_received(received);
  bytes kept;
  if (with.options().deduplicate) deduplicate(in, records, ends, kept);
  with.counters().messages_repeated += received - ends.size();
  if (ends.empty()) return;
  std::uint64_t offset = in.next_offset();
  block& stored = in.append(records, ends, request.at.now_us);
  std::size_t begin = stored.begin_of(stored.ends.size() - ends.size());
  for (std::size_t at = stored.ends.size() - ends.size(); at < stored.ends.size(); ++at) {
    std::byte* record = stored.records.data() + begin;
    save(record + record_at::offset, offset++);
    save(record + record_at::timestamp, request.at.now_us);
    if (load<message_id>(record + record_at::id) == message_id{})
      save(record + record_at::id, with.mint_id());
    begin = stored.ends[at];
  }
  with.counters().messages_stored += ends.size();
  with.counters().bytes_stored += records.size();
  with.data().retain();
}

}  // namespace

verdict send_messages(classic_request& request) {
  const bool unknown = unknown_visitor(request);
  if (request.traits.send_needs_login && unknown)
    return verdict::refuse(status::unauthenticated, classic_dialect::frame_header_bytes);
  send_parts parts;
  const verdict taken = take_parts(request, parts);
  if (taken.is != verdict::kind::answered) return taken;
  record_ends ends;
  const verdict checked = check_records(request.traits, parts.index, parts.records, ends);
  if (checked.is != verdict::kind::answered) return checked;
  stream* in = request.at.with.data().find(parts.to.in);
  if (in == nullptr) return verdict::refuse(status::stream_not_found);
  topic* to = in->find(parts.to.name);
  if (to == nullptr) return verdict::refuse(status::topic_not_found);
  if (unknown) return verdict::refuse(status::unauthorized);
  std::size_t picked = 0;
  const verdict found = pick_partition(request, *to, parts.to, picked);
  if (found.is != verdict::kind::answered) return found;
  store_records(request, *to->partitions[picked], parts.records, ends);
  return verdict::answer();
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
  store& kept = request.at.with.data();
  if (kept.find(in) == nullptr) return verdict::refuse(status::stream_not_found);
  const topic* found = kept.find(in, name);
  if (found == nullptr) return verdict::refuse(status::topic_not_found);
  if (wanted >= found->partitions.size()) return verdict::refuse(status::partition_not_found);
  return verdict::answer();
}

}  // namespace vibes::broker
