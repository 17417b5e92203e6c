#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <unordered_set>
#include <vector>

namespace vibes::broker {

/// A message id as it stands on the wire, 16 bytes.
using message_id = std::array<std::uint64_t, 2>;

/// The last message ids of a partition, as the server's deduplication keeps them: at most
/// `ids_max`, the oldest is forgotten first.
class recent_ids {
 public:
  static constexpr std::size_t ids_max = 100'000;

  /// False when the id is among the last ones already.
  bool remember(const message_id& id) {
    if (!known_.insert(id).second) return false;
    if (order_.size() < ids_max) {
      order_.push_back(id);
      return true;
    }
    known_.erase(order_[oldest_]);
    order_[oldest_] = id;
    oldest_ = (oldest_ + 1) % ids_max;
    return true;
  }

 private:
  struct mix {
    std::size_t operator()(const message_id& id) const {
      // Ids may be counters or random: one multiplication spreads both.
      return (id[0] ^ (id[1] * 0x9E3779B97F4A7C15U)) * 0xD6E8FEB86659FD93U;
    }
  };

  std::unordered_set<message_id, mix> known_;
  std::vector<message_id> order_;
  std::size_t oldest_ = 0;
};

}  // namespace vibes::broker
