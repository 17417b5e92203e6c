#include "daemon/consumer/consumer.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "protocol/error.hpp"
#include "protocol/partitioning.hpp"

namespace vibes::consumer {
namespace {

constexpr auto pause_first = std::chrono::milliseconds(1);
constexpr auto pause_max = std::chrono::milliseconds(100);
// One poll's share: bounds the reply, and lets the partitions take turns.
constexpr std::size_t poll_count_max = 1'000;
// Nobody takes what a poll came across: more is not kept.
constexpr std::size_t notices_max = 1'000;

time_point now() {
  return std::chrono::steady_clock::now();
}

bool has_moved(const error_code& error) {
  using protocol::iggy_errc;
  return error == make_error_code(iggy_errc::not_primary) ||
         error == make_error_code(iggy_errc::history_unavailable) ||
         error == make_error_code(iggy_errc::not_accepted);
}

error_code unexpected() {
  return make_error_code(protocol::wire_errc::unexpected_reply);
}

}  // namespace

consumer::consumer(iggy_client& client, choice wanted)
    : client_(client),
      choice_(std::move(wanted)),
      who_{false, choice_.name},
      positions_(chosen(client, choice_)),
      connections_seen_(client.connections()),
      topology_at_(now() + client.settings().topology_refresh) {}

std::vector<protocol::partition_id> consumer::chosen(const iggy_client& client,
                                                     const choice& wanted) {
  const std::vector<protocol::partition_id> all = client.server().places.partition_ids();
  if (wanted.session) {
    return {all[protocol::partition_index(*wanted.session, all.size(), client.server().gen)]};
  }
  return wanted.partitions.empty() ? all : wanted.partitions;
}

error_code consumer::keep_up() {
  const time_point at = now();
  if (at >= topology_at_) {
    topology_at_ = at + client_.settings().topology_refresh;
    const result<topology_is> seen = client_.inspect_topology();
    if (!seen) return seen.error();
    if (*seen == topology_is::changed) {
      if (const error_code error = client_.connect()) return error;
    }
  }
  if (client_.connections() != connections_seen_) take_topology();
  return {};
}

void consumer::take_topology() {
  connections_seen_ = client_.connections();
  notice told;
  told.partitions_new = positions_.take_up(chosen(client_, choice_));
  // Partitions that somebody has named are missed, not left.
  if (choice_.partitions.empty()) {
    told.partitions_gone = positions_.leave_others(client_.server().places.partition_ids());
  }
  if (told.partitions_new + told.partitions_gone > 0) notices_.push_back(told);
}

void consumer::note_jump(const std::optional<read_positions::jump>& jumped) {
  if (jumped && notices_.size() < notices_max) notices_.push_back({0, 0, jumped});
}

template <class Make>
protocol::result<protocol::reply_body> consumer::ask(protocol::partition_id partition,
                                                     Make&& make) {
  auto got = client_.ask_leader(partition, make(client_.context_of(partition)));
  if (got || !has_moved(got.error())) return got;
  if (const error_code error = client_.connect()) return error;
  return client_.ask_leader(partition, make(client_.context_of(partition)));
}

result<std::vector<record>> consumer::poll(std::size_t count_max, duration timeout) {
  std::vector<record> records;
  const time_point deadline = now() + timeout;
  duration pause = pause_first;
  while (true) {
    if (const error_code error = keep_up()) return error;
    for (std::size_t i = 0; i < positions_.size() && records.size() < count_max; ++i) {
      const result<std::size_t> got =
          poll_once(positions_.take_turn(), count_max - records.size(), records);
      // What has come is handed out; the error comes back with the next call.
      if (!got && !records.empty()) return records;
      if (!got) return got.error();
    }
    const time_point at = now();
    if (!records.empty() || at >= deadline) return records;
    std::this_thread::sleep_for(std::min<duration>(pause, deadline - at));
    pause = std::min<duration>(2 * pause, pause_max);
  }
}

result<std::size_t> consumer::poll_once(const read_positions::position& at, std::size_t count_max,
                                        std::vector<record>& into) {
  protocol::poll_messages poll{who_, stream(), topic(), at.partition};
  poll.value = at.next;
  poll.count = static_cast<std::uint32_t>(std::min(count_max, poll_count_max));
  const auto got = ask(at.partition, [&](const protocol::partition_context& context) {
    poll.context = context;
    return poll;
  });
  if (!got) return got.error();
  const auto* const polled = std::get_if<protocol::polled_messages>(&*got);
  if (polled == nullptr) return unexpected();
  const protocol::partition_id partition = at.partition;
  const auto first =
      polled->messages.empty() ? std::optional<std::uint64_t>() : polled->messages.front().offset;
  note_jump(positions_.found(partition, first, polled->current_offset, now()));
  for (const protocol::polled_message& each : polled->messages) {
    into.push_back(
        {partition, each.offset, each.id, each.timestamp_us, each.origin_time_us,
         std::string(reinterpret_cast<const char*>(each.payload.data()), each.payload.size())});
    positions_.handed_out(partition, each.offset);
  }
  return polled->messages.size();
}

error_code consumer::commit() {
  for (const read_positions::position& each : positions_.all()) {
    if (!each.handed_out || each.beyond_since) continue;
    if (const error_code error = commit(each.partition, *each.handed_out)) return error;
  }
  return {};
}

error_code consumer::commit(protocol::partition_id partition, std::uint64_t offset) {
  const auto got = ask(partition, [&](const protocol::partition_context& context) {
    return protocol::store_consumer_offset{who_, stream(), topic(), partition, offset, context};
  });
  return got ? error_code() : got.error();
}

void consumer::seek_to_beginning() {
  seek_to(0);
}

void consumer::seek_to(protocol::partition_id partition, std::uint64_t offset) {
  positions_.seek(partition, offset);
}

void consumer::seek_to(std::uint64_t offset) {
  for (const read_positions::position& each : std::vector(positions_.all())) {
    positions_.seek(each.partition, offset);
  }
}

result<std::vector<partition_extent>> consumer::extents() {
  std::vector<partition_extent> found;
  for (const read_positions::position& each : positions_.all()) {
    // The last message itself says where the end is, whatever was deleted before it.
    protocol::poll_messages last{who_, stream(), topic(), each.partition};
    last.strategy = protocol::polling_strategy::last;
    const auto got = ask(each.partition, [&](const protocol::partition_context& context) {
      last.context = context;
      return last;
    });
    if (!got) return got.error();
    const auto* const polled = std::get_if<protocol::polled_messages>(&*got);
    if (polled == nullptr) return unexpected();
    const bool empty = polled->messages.empty();
    found.push_back({each.partition, empty ? 0 : polled->messages.back().offset + 1});
  }
  return found;
}

error_code consumer::seek_to_end() {
  return seek_before_end(0);
}

error_code consumer::seek_before_end(std::uint64_t n) {
  const auto found = extents();
  if (!found) return found.error();
  for (const partition_extent& each : *found) {
    positions_.seek(each.partition, offset_before_end(each.end, n), true);
  }
  return {};
}

error_code consumer::seek_to_committed() {
  const auto stored = committed();
  if (!stored) return stored.error();
  for (const committed_offset& each : *stored) {
    positions_.seek(each.partition, each.offset ? *each.offset + 1 : 0, true);
  }
  return {};
}

result<std::vector<consumer::committed_offset>> consumer::committed() {
  std::vector<committed_offset> found;
  for (const read_positions::position& each : positions_.all()) {
    const auto got = ask(each.partition, [&](const protocol::partition_context&) {
      return protocol::get_consumer_offset{who_, stream(), topic(), each.partition};
    });
    if (!got) return got.error();
    committed_offset offset{each.partition, std::nullopt};
    if (const auto* const stored = std::get_if<protocol::consumer_offset>(&*got)) {
      offset.offset = stored->stored_offset;
    }
    found.push_back(offset);
  }
  return found;
}

std::optional<std::uint64_t> consumer::smallest(const std::vector<committed_offset>& stored) {
  std::optional<std::uint64_t> least;
  for (const committed_offset& each : stored) {
    if (!each.offset) return std::nullopt;
    if (!least || *each.offset < *least) least = each.offset;
  }
  return least;
}

}  // namespace vibes::consumer
