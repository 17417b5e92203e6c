#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tests/broker/consumer_group.hpp"
#include "tests/broker/partition.hpp"

namespace vibes::broker {

/// A stream, topic, group or consumer as a request names it: by number or by name.
using identifier = std::variant<std::uint32_t, std::string_view>;

struct topic_settings {
  std::uint64_t message_expiry_us = 0;
  std::uint8_t compression = 1;
  std::uint64_t size_bytes_max = 0;
  std::uint8_t replication_factor = 1;
};

struct topic {
  std::uint32_t first_id = 0;  // of its partitions and groups
  std::uint32_t id = 0;
  std::string name;
  std::uint64_t created_us = 0;
  topic_settings settings;
  bytes options_given;    // VSR: as in a topic's record
  bytes options_derived;  // VSR
  std::vector<std::unique_ptr<partition>> partitions;
  std::vector<std::unique_ptr<consumer_group>> groups;
  std::size_t balanced_turn = 0;

  void add_partitions(std::uint32_t count, std::uint64_t now_us);
  /// By its id on the wire; null when there is none.
  partition* find_partition(std::uint32_t partition_id);
  consumer_group* find_group(const identifier& name);
  std::uint64_t records_bytes() const;
  std::uint64_t messages() const;
};

struct stream {
  std::uint32_t id = 0;
  std::string name;
  std::uint64_t created_us = 0;
  std::vector<std::unique_ptr<topic>> topics;

  topic* find(const identifier& name);
};

/// Everything the broker keeps, in memory only. Ids begin at `first_id`, a freed one is taken
/// again. Above `memory_bytes_max` the oldest block of the largest partition goes first, like
/// retention: every partition keeps its newest block, so the limit can be passed by one block a
/// partition.
class store {
 public:
  static constexpr std::size_t streams_max = 10'000;
  static constexpr std::size_t topics_max = 10'000;
  static constexpr std::size_t partitions_max = 100'000;

  explicit store(std::size_t memory_bytes_max, std::uint32_t first_id = 0)
      : memory_bytes_max_(memory_bytes_max), first_id_(first_id) {}

  stream* find(const identifier& name);
  topic* find(const identifier& stream_name, const identifier& topic_name);
  /// Null when `streams_max` or `topics_max` is reached, or `id` is taken; without one, the lowest
  /// free id is taken.
  stream* add_stream(std::string_view name, std::uint64_t now_us,
                     std::optional<std::uint32_t> id = {});
  topic* add_topic(stream& in, std::string_view name, topic_settings, std::uint64_t now_us,
                   std::optional<std::uint32_t> id = {});
  bool remove(const stream& gone);
  bool remove(stream& in, const topic& gone);
  void forget_all() { streams_.clear(); }
  void client_left(std::uint32_t client);

  /// To be called after appends: drops what is above the limit.
  void retain();

  const std::vector<std::unique_ptr<stream>>& streams() const { return streams_; }
  std::size_t partitions() const;
  std::size_t memory_bytes() const;

 private:
  partition* largest_droppable();

  std::size_t memory_bytes_max_;
  std::uint32_t first_id_;
  std::vector<std::unique_ptr<stream>> streams_;  // in the order of their ids
};

}  // namespace vibes::broker
