#include <utility>

#include "daemon/base/assert.hpp"
#include "daemon/link/link_machine.hpp"
#include "daemon/link/retry_decision.hpp"
#include "protocol/error.hpp"

// Partitions, and who leads them: learnt anew from time to time, and when a send says that ours is
// wrong. The coordinator link asks; the others go by what it has learnt.

namespace vibes::link {

bool link_machine::topology_due(time_point now) const noexcept {
  return is_coordinator() && !connection_.topology_asked &&
         (now >= connection_.topology_at ||
          (shared_.topology_wanted && now >= connection_.topology_held_until));
}

void link_machine::ask_topology(time_point now) {
  connection_.topology_asked = true;
  connection_.learning.emplace();
  if (shared_.places.nodes.size() > 1) {
    send_control(protocol::get_cluster_metadata{}, now);
  } else {
    connection_.learning->nodes = shared_.places.nodes;
    send_control(protocol::get_topic{connection_.stream, connection_.topic}, now);
  }
}

/// Things are moving: the whole question again. Routes are asked for together, and what is still to
/// come of this round must not be taken for a part of the next.
void link_machine::ask_topology_later(time_point now) {
  for (request& each : connection_.unanswered) {
    if (!each.is_send() && each.what != protocol::command::ping) each.abandoned = true;
  }
  connection_.topology_asked = false;
  shared_.topology_wanted = true;
  hold_sends(now);
  connection_.topology_held_until = connection_.sends_held_until;
}

void link_machine::take_topology(const request& answered, const protocol::reply& reply,
                                 time_point now) {
  if (const protocol::error_code status = protocol::iggy_status(reply.status)) {
    switch (classify(answered.what, status)) {
      case retry_decision::refresh_topology:
      case retry_decision::renew_route:
      case retry_decision::renew:
      case retry_decision::retry:
        note_error(status, answered.what, now);
        return ask_topology_later(now);
      default: return fail(status, answered.what, now);
    }
  }
  if (const auto* nodes = std::get_if<protocol::cluster_metadata>(&reply.body)) {
    return take_nodes(*nodes, now);
  }
  if (const auto* route = std::get_if<protocol::partition_route>(&reply.body)) {
    connection_.learning->take(answered.partition, *route);
  } else if (const auto* topic = std::get_if<protocol::topic_details>(&reply.body);
             topic != nullptr && !topic->partitions.empty()) {
    connection_.learning->take(*topic);
    if (connection_.learning->led_by_partition(connection_.codec->gen())) {
      for (const protocol::partition_place& each : connection_.learning->partitions) {
        send_control(protocol::get_partition_route{connection_.stream, connection_.topic, each.id},
                     now, each.id);
      }
    }
  } else {
    // Deleted under us: a fresh handshake creates it again, or says that it may not.
    return fail(make_error_code(protocol::iggy_errc::topic_name_not_found),
                protocol::command::get_topic, now);
  }
  if (connection_.learning->led_by_partition(connection_.codec->gen()) &&
      connection_.learning->next_unrouted() != nullptr)
    return;
  connection_.topology_asked = shared_.topology_wanted = false;
  connection_.topology_at = now + settings_.topology_refresh;
  connection_.new_places = std::exchange(connection_.learning, std::nullopt);
  apply_topology();
}

void link_machine::take_nodes(const protocol::cluster_metadata& cluster, time_point now) {
  connection_.learning->nodes = cluster.nodes;
  const bool elsewhere = connection_.learning->leader_from(connection_.peer) ==
                         protocol::topology::leader_is::elsewhere;
  // The limit is for nodes that send us around, not for a leader that moves now and then. Who was
  // sent around and works where it is stays there.
  const bool led_here =
      shared_.places.leader_from(connection_.peer) == protocol::topology::leader_is::here;
  if (led_here && now - report_.state_since >= settings_.backoff_reset) redirects_ = 0;
  if (elsewhere && redirects_ < redirects_max) {
    connection_.new_leader = *connection_.learning->leader();
    return;
  }
  // Where we were to stay, and are refused: a pause, and all of it from the beginning.
  if (elsewhere && shared_.topology_wanted) {
    redirects_ = 0;
    return fail(make_error_code(protocol::wire_errc::no_leader),
                protocol::command::get_cluster_metadata, now);
  }
  send_control(protocol::get_topic{connection_.stream, connection_.topic}, now);
}

/// What is on its way is answered first: a send that is cut off has an unknown fate.
void link_machine::follow_leader(time_point now) {
  if (report_.sends_in_flight > 0) return;
  const protocol::cluster_node leader = *std::exchange(connection_.new_leader, std::nullopt);
  return_unanswered();
  work_.link_down(now);
  redirect(leader, now);
}

void link_machine::apply_topology() {
  if (!connection_.new_places) return;
  const bool same_lanes =
      connection_.new_places->partition_ids() == shared_.places.partition_ids() &&
      shared_.generation == connection_.codec->gen();
  shared_.hold_sends = !same_lanes && shared_.sends_in_flight > 0;
  if (shared_.hold_sends) return;
  // A batch that is dissolved into other lanes is not the one that its number stands for.
  if (shared_.generation != connection_.codec->gen()) shared_.resends.clear();
  shared_.places = *std::exchange(connection_.new_places, std::nullopt);
  shared_.resends.keep_only(shared_.places.partition_ids());
  shared_.generation = connection_.codec->gen();
  shared_.leaders.clear();
  if (shared_.places.led_by_partition(connection_.codec->gen())) {
    const protocol::cluster_node* coordinator = shared_.places.here(connection_.peer);
    if (coordinator == nullptr) coordinator = shared_.places.leader();
    shared_.coordinator_replica = coordinator != nullptr ? coordinator->replica_id : 0;
    for (const protocol::partition_place& each : shared_.places.partitions) {
      shared_.leaders.push_back(each.primary_replica);
    }
  }
  report_.partitions_count = shared_.places.partitions.size();
  if (same_lanes) return;
  event_ = link_event::topology_changed;
  work_.route(shared_.places.partition_ids(), shared_.generation);
}

}  // namespace vibes::link
