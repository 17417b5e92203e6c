#pragma once

#include <algorithm>
#include <map>
#include <optional>

#include "protocol/session.hpp"

namespace vibes::link {

/// Under which number the unresolved batch of each partition is with the server, as long as the
/// session lasts: the very same request may be sent again and is applied once, the same batch under
/// another number might be applied twice (docs/wire.md, "Repeated requests"). A partition has one
/// unresolved batch at the most, so its number stands for the batch.
class resend_numbers {
 public:
  struct sent_as {
    protocol::request_number number = 0;
    protocol::partition_context context;
    bool context_is_doubted = false;  // the newest one goes with the number then
  };

  std::optional<sent_as> find(protocol::partition_id partition) const {
    const auto found = numbers_.find(partition);
    if (found == numbers_.end()) return std::nullopt;
    return found->second;
  }
  void set(protocol::partition_id partition, const sent_as& with) { numbers_[partition] = with; }
  /// The request was not applied, perhaps for what it said of its partition.
  void doubt_context(protocol::partition_id partition) {
    if (const auto found = numbers_.find(partition); found != numbers_.end()) {
      found->second.context_is_doubted = true;
    }
  }
  /// The batch is resolved, or has to go out as a new request.
  void erase(protocol::partition_id partition) { numbers_.erase(partition); }
  void clear() { numbers_.clear(); }
  /// Batches of other partitions have been dissolved.
  void keep_only(std::span<const protocol::partition_id> sorted_ids) {
    std::erase_if(numbers_, [&](const auto& each) {
      return !std::binary_search(sorted_ids.begin(), sorted_ids.end(), each.first);
    });
  }

 private:
  std::map<protocol::partition_id, sent_as> numbers_;
};

}  // namespace vibes::link
