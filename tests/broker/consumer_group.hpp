#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vibes::broker {

struct group_member {
  std::uint32_t id = 0;
  std::uint32_t client = 0;
  std::vector<std::uint32_t> partitions;
  std::size_t turn = 0;
};

/// The members of a consumer group share the partitions round robin; whoever is alone has all.
class consumer_group {
 public:
  static constexpr std::size_t members_max = 1000;

  /// The partitions' ids begin at `first_partition`.
  consumer_group(std::uint32_t group_id, std::string group_name, std::uint32_t partitions,
                 std::uint32_t first_partition)
      : id_(group_id),
        name_(std::move(group_name)),
        partitions_(partitions),
        first_partition_(first_partition) {}

  /// False when the group is full. Joining twice is joining once.
  bool join(std::uint32_t client);
  bool leave(std::uint32_t client);
  void share_out(std::uint32_t partitions);

  const group_member* find(std::uint32_t client) const;
  /// The member's partition whose turn it is; `advance` moves the turn on, as a poll does.
  std::optional<std::uint32_t> partition_of(std::uint32_t client, bool advance);

  std::uint32_t id() const { return id_; }
  const std::string& name() const { return name_; }
  std::uint32_t partitions() const { return partitions_; }
  const std::vector<group_member>& members() const { return members_; }

 private:
  std::uint32_t id_;
  std::string name_;
  std::uint32_t partitions_;
  std::uint32_t first_partition_;
  std::uint32_t next_member_id_ = 0;
  std::vector<group_member> members_;
};

}  // namespace vibes::broker
