#include "tests/broker/vsr_partition.hpp"

#include <algorithm>

namespace vibes::broker {

applied_requests::standing applied_requests::of(std::uint64_t request) const {
  if (answers_.contains(request)) return standing::applied;
  if (answers_.empty()) return standing::fresh;
  return request + window <= answers_.rbegin()->first ? standing::too_old : standing::fresh;
}

std::optional<std::uint64_t> applied_requests::answer_to(std::uint64_t request) const {
  const auto found = answers_.find(request);
  return found == answers_.end() ? std::nullopt : found->second;
}

void applied_requests::remember(std::uint64_t request, std::optional<std::uint64_t> base_offset) {
  answers_[request] = base_offset;
  const std::uint64_t newest = answers_.rbegin()->first;
  while (answers_.begin()->first + window <= newest) answers_.erase(answers_.begin());
}

applied_requests& vsr_partition::requests_of(const client_id& client) {
  const auto known = applied.find(client);
  if (known != applied.end()) return known->second;
  if (applied.size() >= clients_max) applied.erase(applied.begin());
  return applied[client];
}

producer_state::judgement producer_state::judge(const producer_claim& claim,
                                                std::uint32_t count) const {
  if (claim.epoch < epoch_) return judgement::fenced;
  if (claim.epoch > epoch_)
    return claim.base_sequence == 0 ? judgement::next : judgement::out_of_order;
  const bool repeats = std::ranges::any_of(last_, [&](const written& one) {
    return one.base_sequence == claim.base_sequence && one.count == count;
  });
  if (repeats) return judgement::repeated;
  return claim.base_sequence == next_sequence_ ? judgement::next : judgement::out_of_order;
}

std::uint64_t producer_state::repeated_at(const producer_claim& claim) const {
  const auto found = std::ranges::find(last_, claim.base_sequence, &written::base_sequence);
  return found == last_.end() ? 0 : found->base_offset;
}

void producer_state::remember(const producer_claim& claim, std::uint32_t count,
                              std::uint64_t base_offset) {
  if (claim.epoch != epoch_) last_.clear();
  epoch_ = claim.epoch;
  next_sequence_ =
      static_cast<std::uint32_t>((std::uint64_t{claim.base_sequence} + count) % sequences);
  last_.push_back({claim.base_sequence, count, base_offset});
  if (last_.size() > batches_remembered) last_.pop_front();
}

}  // namespace vibes::broker
