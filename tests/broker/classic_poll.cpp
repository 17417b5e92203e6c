#include <algorithm>

#include "tests/broker/classic_consumer.hpp"
#include "tests/broker/classic_record.hpp"

namespace vibes::broker {
namespace {

/// A reply holds no more than this, however many messages were asked for, but always one message.
constexpr std::size_t poll_bytes_max = std::size_t{64} * 1024 * 1024;

enum class strategy : std::uint8_t { offset = 1, timestamp = 2, first = 3, last = 4, next = 5 };

struct poll {
  consumer_request from;
  strategy by = strategy::offset;
  std::uint64_t value = 0;
  std::uint32_t count = 0;
  bool commits = false;
};

status take_poll(fields& body, const classic_traits& traits, poll& into) {
  const status read = take_consumer(body, traits, into.from);
  if (read != status::ok) return read;
  const auto kind = body.take<std::uint8_t>();
  into.value = body.take<std::uint64_t>();
  into.count = body.take<std::uint32_t>();
  into.commits = body.take<std::uint8_t>() != 0;
  if (!body.whole() || kind < 1 || kind > 5) return status::invalid_command;
  into.by = static_cast<strategy>(kind);
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

/// Appends up to `count` records from `offset` on, and says how many.
std::uint32_t put_records(bytes& reply, const classic_traits& traits, partition& from,
                          std::uint64_t offset, std::uint32_t count) {
  const std::size_t start = reply.size();
  std::uint32_t taken = 0;
  while (taken < count) {
    block* in = from.find(offset);
    if (in == nullptr) break;
    const std::size_t first = offset - in->first_offset;
    std::size_t last = first + std::min<std::size_t>(count - taken, in->ends.size() - first);
    const std::size_t room = poll_bytes_max - std::min(poll_bytes_max, reply.size() - start);
    while (last > first && in->ends[last - 1] - in->begin_of(first) > room) --last;
    if (last == first && taken == 0) last = first + 1;
    if (last == first) break;
    seal_records(traits, *in, last);
    put_bytes(reply, bytes_view(in->records)
                         .subspan(in->begin_of(first), in->ends[last - 1] - in->begin_of(first)));
    taken += static_cast<std::uint32_t>(last - first);
    offset += last - first;
  }
  return taken;
}

void put_head(bytes& reply, std::uint32_t number, std::uint64_t current_offset) {
  put(reply, number);
  put(reply, current_offset);
  put<std::uint32_t>(reply, 0);  // the count, when it is known
}

}  // namespace

verdict poll_messages(classic_request& request) {
  fields body(request.body);
  poll wanted;
  const status read = take_poll(body, request.traits, wanted);
  if (read != status::ok) return malformed(request, read);
  if (unknown_visitor(request)) return verdict::refuse(status::unauthenticated);
  if (request.traits.early && wanted.count == 0)
    return verdict::refuse(status::invalid_messages_count);
  consumer_place place;
  const status found = resolve(request, wanted.from, purpose::poll, place);
  if (found != status::ok) return verdict::refuse(found);
  if (place.idle) {
    put_head(request.reply, 0, 0);
    return verdict::answer();
  }
  if (place.found == nullptr) return verdict::refuse(status::partition_not_found);
  put_head(request.reply, place.number, place.found->current_offset());
  const std::size_t count_at = request.reply.size() - sizeof(std::uint32_t);
  const std::uint64_t start = std::max(start_of(wanted, place), place.found->first_offset());
  const std::uint32_t taken =
      put_records(request.reply, request.traits, *place.found, start, wanted.count);
  save(request.reply.data() + count_at, taken);
  if (wanted.commits && taken != 0) place.found->store_offset(place.key, start + taken - 1);
  return verdict::answer();
}

}  // namespace vibes::broker
