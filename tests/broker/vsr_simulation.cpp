#include "tests/broker/vsr_simulation.hpp"

#include <algorithm>

namespace vibes::broker {

void vsr_session::keep(std::uint64_t request, kept_reply reply) {
  metadata_newest = std::max(metadata_newest, request);
  metadata_replies[request] = std::move(reply);
  if (metadata_replies.size() > replies_kept) metadata_replies.erase(metadata_replies.begin());
}

vsr_session* vsr_simulation::find(const client_id& client) {
  const auto found = sessions_.find(client);
  return found == sessions_.end() ? nullptr : &found->second;
}

vsr_session& vsr_simulation::add(const client_id& client) {
  if (sessions_.size() >= sessions_max && !sessions_.contains(client)) {
    const auto number = [](const auto& one) { return one.second.number; };
    sessions_.erase(std::ranges::min_element(sessions_, {}, number));
  }
  vsr_session& added = sessions_[client];
  added = {};
  added.number = commit_metadata();
  return added;
}

void vsr_simulation::settled(const client_id& client, std::uint32_t connection) {
  vsr_session* const session = find(client);
  if (session == nullptr) return;
  std::erase_if(session->unresolved,
                [&](const auto& one) { return one.second.first == connection; });
}

}  // namespace vibes::broker
