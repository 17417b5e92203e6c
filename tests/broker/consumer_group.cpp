#include "tests/broker/consumer_group.hpp"

#include <algorithm>

namespace vibes::broker {

bool consumer_group::join(std::uint32_t client) {
  if (find(client) != nullptr) return true;
  if (members_.size() >= members_max) return false;
  members_.push_back({next_member_id_++, client, {}, 0});
  share_out(partitions_);
  return true;
}

bool consumer_group::leave(std::uint32_t client) {
  const auto left = std::erase_if(members_, [&](const auto& m) { return m.client == client; });
  if (left != 0) share_out(partitions_);
  return left != 0;
}

void consumer_group::share_out(std::uint32_t partitions) {
  partitions_ = partitions;
  for (group_member& member : members_) member.partitions.clear();
  if (members_.empty()) return;
  for (std::uint32_t at = 0; at < partitions; ++at)
    members_[at % members_.size()].partitions.push_back(first_partition_ + at);
}

const group_member* consumer_group::find(std::uint32_t client) const {
  const auto found =
      std::ranges::find_if(members_, [&](const auto& m) { return m.client == client; });
  return found == members_.end() ? nullptr : &*found;
}

std::optional<std::uint32_t> consumer_group::partition_of(std::uint32_t client, bool advance) {
  const auto found =
      std::ranges::find_if(members_, [&](const auto& m) { return m.client == client; });
  if (found == members_.end() || found->partitions.empty()) return std::nullopt;
  const std::uint32_t id = found->partitions[found->turn % found->partitions.size()];
  if (advance) ++found->turn;
  return id;
}

}  // namespace vibes::broker
