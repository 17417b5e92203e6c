#include "tests/broker/classic_append.hpp"

#include <xxhash.h>

namespace vibes::broker {
namespace {

/// Finds the partition by its place, or says why there is none.
verdict pick_partition(const classic_request& request, topic& in, const destination& to,
                       partition*& picked) {
  const std::size_t count = in.partitions.size();
  if (count == 0 && request.traits.early) return verdict::refuse(status::no_partitions);
  switch (to.by) {
    case partitioning::balanced:
      if (count == 0) return verdict::refuse(request.traits.balanced_nowhere);
      picked = in.partitions[in.balanced_turn++ % count].get();
      break;
    case partitioning::partition_id:
      picked = in.find_partition(load<std::uint32_t>(to.value.data()));
      break;
    case partitioning::messages_key: {
      if (count == 0) return verdict::hang_up();  // the real one divides by zero
      std::size_t remainder = XXH32(to.value.data(), to.value.size(), 0) % count;
      // Where ids begin at 1 the remainder is the id, and 0 stands for the last.
      if (request.traits.early) remainder = remainder == 0 ? count - 1 : remainder - 1;
      picked = in.partitions[remainder].get();
      break;
    }
  }
  return picked == nullptr ? verdict::refuse(status::partition_not_found) : verdict::answer();
}

/// Leaves out the messages whose id the partition has seen lately.
void deduplicate(partition& in, std::size_t id_at, bytes_view& records, record_ends& ends,
                 bytes& kept) {
  record_ends kept_ends;
  std::size_t begin = 0;
  for (const std::uint32_t end : ends) {
    const bytes_view record = records.subspan(begin, end - begin);
    begin = end;
    const auto id = load<message_id>(record.data() + id_at);
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
  const server_fields at = server_fields_of(request.traits);
  const std::size_t received = ends.size();
  with.counters().batch_received(received);
  bytes kept;
  if (with.options().deduplicate) deduplicate(in, at.id, records, ends, kept);
  with.counters().messages_repeated += received - ends.size();
  if (ends.empty()) return;
  std::uint64_t offset = in.next_offset();
  block& stored = in.append(records, ends, request.at.now_us);
  std::size_t begin = stored.begin_of(stored.ends.size() - ends.size());
  for (std::size_t each = stored.ends.size() - ends.size(); each < stored.ends.size(); ++each) {
    std::byte* record = stored.records.data() + begin;
    save(record + at.offset, offset++);
    save(record + at.timestamp, request.at.now_us);
    if (load<message_id>(record + at.id) == message_id{}) save(record + at.id, with.mint_id());
    begin = stored.ends[each];
  }
  with.counters().messages_stored += ends.size();
  with.counters().bytes_stored += records.size();
  with.data().retain();
}

}  // namespace

status take_partitioning(fields& from, destination& into) {
  const auto kind = from.take<std::uint8_t>();
  const auto size = from.take<std::uint8_t>();
  into.value = from.take(size);
  if (!from.whole() || kind < 1 || kind > 3) return status::invalid_command;
  into.by = static_cast<partitioning>(kind);
  const bool sound = into.by == partitioning::balanced       ? size == 0
                     : into.by == partitioning::partition_id ? size == 4
                                                             : size != 0;
  return sound ? status::ok : status::invalid_key_length;
}

verdict append_records(const classic_request& request, const destination& to, bytes_view records,
                       record_ends& ends) {
  const bool unknown = unknown_visitor(request);
  if (unknown && request.traits.logged_in == send_login::before_lookup)
    return verdict::refuse(status::unauthenticated);
  const topic_found found = find_topic(request, to.in, to.name);
  if (found.why != status::ok) return verdict::refuse(found.why);
  if (unknown) return verdict::refuse(status::unauthorized);
  partition* picked = nullptr;
  const verdict where = pick_partition(request, *found.at, to, picked);
  if (where.is != verdict::kind::answered) return where;
  store_records(request, *picked, records, ends);
  return verdict::answer();
}

}  // namespace vibes::broker
