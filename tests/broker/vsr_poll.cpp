#include <algorithm>

#include "tests/broker/vsr_batch.hpp"
#include "tests/broker/vsr_consumer.hpp"

namespace vibes::broker {
namespace {

/// A reply holds no more than this, however many messages were asked for, but always one message.
constexpr std::size_t poll_bytes_max = std::size_t{32} * 1024 * 1024;

enum class strategy : std::uint8_t { offset = 1, timestamp = 2, first = 3, last = 4, next = 5 };

struct poll {
  consumer_request from;
  strategy by = strategy::offset;
  std::uint64_t value = 0;
  std::uint32_t count = 0;
  bool commits = false;
};

status take_poll(fields& body, poll& into) {
  const status read = take_consumer(body, into.from);
  if (read != status::ok) return read;
  const auto kind = body.take<std::uint8_t>();
  into.value = body.take<std::uint64_t>();
  into.count = body.take<std::uint32_t>();
  into.commits = body.take<std::uint8_t>() != 0;
  if (!body.whole() || kind < 1 || kind > 5) return status::invalid_command;
  into.by = strategy{kind};
  return status::ok;
}

std::uint64_t start_of(const poll& wanted, const consumer_place& place) {
  const partition& in = *place.found;
  switch (wanted.by) {
    case strategy::offset: return wanted.value;
    case strategy::timestamp: return in.offset_at(wanted.value);
    case strategy::first: return in.first_offset();
    case strategy::last:
      return in.next_offset() - std::min<std::uint64_t>(wanted.count, in.messages());
    case strategy::next: break;
  }
  const auto stored = in.stored_offset(place.key);
  return stored ? *stored + 1 : in.first_offset();
}

/// Messages of one batch: where it stands in its block, and which of it are wanted.
struct slice {
  batch_mark batch;
  std::size_t first;
  std::size_t last;
};

slice slice_at(const block& in, std::size_t first, std::size_t count_max, std::size_t bytes_max) {
  auto mark = std::ranges::upper_bound(in.batches, first, {}, &batch_mark::first);
  const std::size_t batch_end = mark == in.batches.end() ? in.ends.size() : mark->first;
  std::size_t last = first + std::min(count_max, batch_end - first);
  while (last > first && in.ends[last - 1] - in.begin_of(first) > bytes_max) --last;
  return {*--mark, first, last};
}

void put_slice(bytes& reply, const block& in, const slice& part, std::uint32_t number) {
  const std::size_t begin = in.begin_of(part.first);
  put_batch(reply,
            {number, in.first_offset + part.batch.first, part.batch.timestamp_us,
             part.batch.origin_us, part.batch.producer},
            bytes_view(in.records).subspan(begin, in.ends[part.last - 1] - begin),
            std::span(in.ends).subspan(part.first, part.last - part.first), begin);
}

/// Appends up to `count` messages from `offset` on, batch by batch, and says how many.
std::uint32_t put_records(bytes& reply, const consumer_place& place, std::uint64_t offset,
                          std::uint32_t count) {
  const std::size_t start = reply.size();
  std::uint32_t taken = 0;
  while (taken < count) {
    const block* const in = place.found->find(offset);
    if (in == nullptr) break;
    const std::size_t used = reply.size() - start;
    const std::size_t room =
        taken == 0 ? vsr_dialect::bytes_max : poll_bytes_max - std::min(poll_bytes_max, used);
    const slice part = slice_at(*in, offset - in->first_offset, count - taken, room);
    if (part.first == part.last) break;
    put_slice(reply, *in, part, place.number);
    taken += static_cast<std::uint32_t>(part.last - part.first);
    offset += part.last - part.first;
  }
  return taken;
}

/// Returns where the count is to be filled in.
std::size_t put_head(vsr_request& request, const consumer_place& place) {
  put(request.reply, place.number);
  put<std::uint64_t>(request.reply, place.found == nullptr ? 0 : place.found->current_offset());
  const std::size_t count_at = request.reply.size();
  put<std::uint32_t>(request.reply, 0);
  if (!request.traits.binds_and_routes) return count_at;
  const bool found = place.found != nullptr;
  put<std::uint64_t>(request.reply,
                     found ? standing_of(request, *place.found, place.number).incarnation : 0);
  put(request.reply, request.head.owner());
  put(request.reply, request.simulation().metadata_op());
  return count_at;
}

}  // namespace

/// An empty answer, which does not say that the partition is empty.
outcome nothing_from(vsr_request& request, std::uint32_t number) {
  consumer_place nowhere;
  nowhere.number = number;
  put_head(request, nowhere);
  return outcome::answer();
}

/// A group's member asks for a partition by its number, and hears when that is not its own.
outcome nothing_for_member(vsr_request& request, const consumer_request& from) {
  constexpr std::uint32_t sync_again = ~std::uint32_t{0};
  return nothing_from(request, from.partition ? sync_again : 0);
}

bool is_group_matter(status why) {
  return why == status::group_not_found || why == status::group_member_not_found;
}

outcome poll_messages(vsr_request& request) {
  fields body(request.body);
  const bool leaders_only = command_of(request.head) == command::poll_messages_on_primary;
  if (leaders_only && check_leader(request) != status::ok)
    return outcome::deny(status::not_accepted);
  poll wanted;
  if (take_poll(body, wanted) != status::ok) return nothing_from(request, 0);
  consumer_place place;
  session member = member_of(request);
  const status found =
      resolve(wanted.from, {request.at.with, member, request.at.now_us}, purpose::poll, place);
  const bool in_group = wanted.from.kind == 2;
  if (is_group_matter(found)) return nothing_for_member(request, wanted.from);
  if (found != status::ok) return outcome::deny(found);
  if (place.idle || (in_group && !wanted.from.partition))
    return nothing_for_member(request, wanted.from);
  if (place.found == nullptr) return outcome::deny(status::partition_not_found);
  const status routed = check_route(request, *place.found, place.number);
  if (routed != status::ok) return outcome::deny(routed);
  if (request.head.owner() != 0 && wanted.from.kind == 1)
    return outcome::deny(status::owner_without_group);
  const std::size_t count_at = put_head(request, place);
  const std::uint64_t start = std::max(start_of(wanted, place), place.found->first_offset());
  const std::uint32_t taken = put_records(request.reply, place, start, wanted.count);
  save(request.reply.data() + count_at, taken);
  if (wanted.commits && taken != 0) place.found->store_offset(place.key, start + taken - 1);
  return outcome::answer();
}

}  // namespace vibes::broker
