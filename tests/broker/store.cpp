#include "tests/broker/store.hpp"

#include <algorithm>

namespace vibes::broker {
namespace {

template <class Things>
auto* find_in(const Things& things, const identifier& wanted) {
  const auto found = std::ranges::find_if(things, [&](const auto& thing) {
    if (const auto* id = std::get_if<std::uint32_t>(&wanted)) return thing->id == *id;
    return thing->name == std::get<std::string_view>(wanted);
  });
  return found == things.end() ? nullptr : found->get();
}

template <class Things>
std::uint32_t lowest_free_id(const Things& things, std::uint32_t first_id) {
  std::uint32_t id = first_id;
  for (const auto& thing : things) {
    if (thing->id > id) break;
    if (thing->id == id) ++id;
  }
  return id;
}

/// Keeps the ids in order; null when there is a thing with this id.
template <class Things>
auto* add_to(Things& things, std::uint32_t id, std::string_view name, std::uint64_t now_us) {
  using thing_type = typename Things::value_type::element_type;
  const auto at = std::ranges::find_if(things, [&](const auto& thing) { return thing->id >= id; });
  if (at != things.end() && (*at)->id == id) return static_cast<thing_type*>(nullptr);
  thing_type& added = **things.insert(at, std::make_unique<thing_type>());
  added.id = id;
  added.name = name;
  added.created_us = now_us;
  return &added;
}

template <class Things, class Thing>
bool remove_from(Things& things, const Thing& gone) {
  return std::erase_if(things, [&](const auto& thing) { return thing.get() == &gone; }) == 1;
}

template <class Visit>
void for_each_partition(const std::vector<std::unique_ptr<stream>>& streams, Visit visit) {
  for (const auto& in_stream : streams)
    for (const auto& in_topic : in_stream->topics)
      for (const auto& one : in_topic->partitions) visit(*one);
}

}  // namespace

void topic::add_partitions(std::uint32_t count, std::uint64_t now_us) {
  for (std::uint32_t added = 0; added < count; ++added)
    partitions.push_back(std::make_unique<partition>(now_us));
  for (auto& group : groups) group->share_out(static_cast<std::uint32_t>(partitions.size()));
}

partition* topic::find_partition(std::uint32_t partition_id) {
  const bool there = partition_id >= first_id && partition_id - first_id < partitions.size();
  return there ? partitions[partition_id - first_id].get() : nullptr;
}

consumer_group* topic::find_group(const identifier& wanted) {
  const auto found = std::ranges::find_if(groups, [&](const auto& group) {
    if (const auto* sequence = std::get_if<std::uint32_t>(&wanted)) return group->id() == *sequence;
    return group->name() == std::get<std::string_view>(wanted);
  });
  return found == groups.end() ? nullptr : found->get();
}

std::uint64_t topic::records_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& one : partitions) sum += one->records_bytes();
  return sum;
}

std::uint64_t topic::messages() const {
  std::uint64_t sum = 0;
  for (const auto& one : partitions) sum += one->messages();
  return sum;
}

topic* stream::find(const identifier& wanted) {
  return find_in(topics, wanted);
}

stream* store::find(const identifier& wanted) {
  return find_in(streams_, wanted);
}

topic* store::find(const identifier& stream_name, const identifier& topic_name) {
  stream* in = find(stream_name);
  return in == nullptr ? nullptr : in->find(topic_name);
}

stream* store::add_stream(std::string_view name, std::uint64_t now_us,
                          std::optional<std::uint32_t> id) {
  if (streams_.size() >= streams_max) return nullptr;
  return add_to(streams_, id ? *id : lowest_free_id(streams_, first_id_), name, now_us);
}

topic* store::add_topic(stream& in, std::string_view name, topic_settings settings,
                        std::uint64_t now_us, std::optional<std::uint32_t> id) {
  if (in.topics.size() >= topics_max) return nullptr;
  topic* added = add_to(in.topics, id ? *id : lowest_free_id(in.topics, first_id_), name, now_us);
  if (added == nullptr) return nullptr;
  added->first_id = first_id_;
  added->settings = settings;
  return added;
}

bool store::remove(const stream& gone) {
  return remove_from(streams_, gone);
}

bool store::remove(stream& in, const topic& gone) {
  return remove_from(in.topics, gone);
}

void store::client_left(std::uint32_t client) {
  for (const auto& in_stream : streams_)
    for (const auto& in_topic : in_stream->topics)
      for (const auto& group : in_topic->groups) group->leave(client);
}

void store::retain() {
  for (std::size_t used = memory_bytes(); used > memory_bytes_max_;) {
    partition* from = largest_droppable();
    const std::size_t freed = from == nullptr ? 0 : from->drop_oldest();
    if (freed == 0) return;
    used -= freed;
  }
}

partition* store::largest_droppable() {
  partition* most = nullptr;
  for_each_partition(streams_, [&](partition& one) {
    if (!one.droppable()) return;
    if (most == nullptr || one.memory_bytes() > most->memory_bytes()) most = &one;
  });
  return most;
}

std::size_t store::memory_bytes() const {
  std::size_t sum = 0;
  for_each_partition(streams_, [&](const partition& one) { sum += one.memory_bytes(); });
  return sum;
}

std::size_t store::partitions() const {
  std::size_t count = 0;
  for_each_partition(streams_, [&](const partition&) { ++count; });
  return count;
}

}  // namespace vibes::broker
