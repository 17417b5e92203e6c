#include "daemon/consumer/iggy_client.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "protocol/error.hpp"

namespace vibes::consumer {
namespace {

// A cluster that cannot agree on a leader is read where we are.
constexpr int redirects_max = 3;

std::uint64_t random_number() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

protocol::message_id random_id() {
  return {random_number(), random_number() | 1};
}

server_address address_of(const protocol::cluster_node& node) {
  return {node.ip, std::to_string(node.tcp_port)};
}

}  // namespace

iggy_client::iggy_client(client_settings settings)
    : settings_(std::move(settings)),
      coordinator_({settings_.connect_timeout, settings_.reply_timeout}),
      last_address_(settings_.addresses.front()) {}

error_code iggy_client::connect() {
  error_code error;
  node_links_.clear();
  last_ = &coordinator_;
  for (const server_address& each : settings_.addresses) {
    error = connect_to(each);
    if (!error) {
      ++connections_;
      return {};
    }
    coordinator_.close();
  }
  return error;
}

error_code iggy_client::connect_to(const server_address& to) {
  last_address_ = to;
  protocol::handshake_plan plan = settings_.handshake;
  plan.client = random_id();
  std::ranges::generate(plan.bind_secret, [] { return static_cast<std::byte>(random_number()); });
  if (const error_code error = probe(to, plan)) return error;
  error_code error = follow(to, plan);
  if (!error) return {};
  if (coordinator_.window() && !plan.wanted && protocol::choose_version(*coordinator_.window())) {
    plan.detected = protocol::detection{protocol::server_family::vsr, coordinator_.window()};
    return follow(to, plan);
  }
  // The end of a connection may have told what the server is.
  plan.assumed = coordinator_.meaning_of_close();
  return plan.assumed ? follow(to, plan) : error;
}

/// A classic login is preceded by a ping. To everyone else a login goes only after a probe was
/// answered at that very address.
error_code iggy_client::probe(const server_address& to, protocol::handshake_plan& plan) {
  if (plan.wanted && !protocol::is_vsr(*plan.wanted)) return {};
  const result<protocol::detection> told = coordinator_.probe(to, plan.client);
  if (!told) return told.error();
  plan.detected = *told;
  return {};
}

error_code iggy_client::follow(server_address to, protocol::handshake_plan plan) {
  for (int redirects = 0;; ++redirects) {
    last_address_ = to;
    plan.may_redirect = redirects < redirects_max;
    if (const error_code error = coordinator_.open(to, plan)) return error;
    if (!coordinator_.redirected()) break;
    to = address_of(coordinator_.redirected()->leader);
    plan.client = random_id();
    last_address_ = to;
    if (const error_code error = probe(to, plan)) return error;
  }
  protocol::handshake::finished reached = coordinator_.take_outcome();
  server_ = std::move(reached.outcome);
  codec_ = std::move(reached.wire);
  session_ = std::move(reached.with);
  const auto [ip, port] = coordinator_.peer();
  coordinator_peer_ = {to.host, ip, port};
  return {};
}

protocol::result<protocol::reply_body> iggy_client::ask(const protocol::control_request& request) {
  last_ = &coordinator_;
  return coordinator_.ask(request, *codec_);
}

protocol::result<protocol::reply_body> iggy_client::ask_leader(
    protocol::partition_id partition, const protocol::control_request& request) {
  const protocol::result<iggy_connection*> leader = connection_to(partition);
  if (!leader) return leader.error();
  last_ = *leader;
  return (*leader)->ask(request, *codec_);
}

result<topology_is> iggy_client::inspect_topology() {
  protocol::topology fresh;
  fresh.nodes = server_.places.nodes;
  if (fresh.nodes.size() > 1) {
    const auto got = ask(protocol::get_cluster_metadata{});
    if (!got) return got.error();
    if (const auto* const cluster = std::get_if<protocol::cluster_metadata>(&*got)) {
      fresh.nodes = cluster->nodes;
    }
    if (fresh.leader_from(coordinator_peer_) == protocol::topology::leader_is::elsewhere)
      return topology_is::changed;
  }
  const auto got = ask(protocol::get_topic{server_.stream, server_.topic});
  if (!got) return got.error();
  const auto* const topic = std::get_if<protocol::topic_details>(&*got);
  if (topic == nullptr) return make_error_code(protocol::wire_errc::topic_missing);
  fresh.take(*topic);
  if (fresh.partition_ids() != server_.places.partition_ids()) return topology_is::changed;
  return fresh.led_by_partition(server_.gen) ? inspect_routes(std::move(fresh))
                                             : topology_is::known;
}

result<topology_is> iggy_client::inspect_routes(protocol::topology fresh) {
  while (const protocol::partition_place* const next = fresh.next_unrouted()) {
    const protocol::partition_id id = next->id;
    const auto got = ask(protocol::get_partition_route{server_.stream, server_.topic, id});
    if (!got) return got.error();
    const auto* const route = std::get_if<protocol::partition_route>(&*got);
    if (route == nullptr) return make_error_code(protocol::wire_errc::unexpected_reply);
    const protocol::partition_place* const known = server_.places.find(id);
    if (known == nullptr || known->primary_replica != route->primary_replica)
      return topology_is::changed;
    fresh.take(id, *route);
  }
  return topology_is::known;
}

protocol::partition_context iggy_client::context_of(protocol::partition_id partition) const {
  const protocol::partition_place* const place = server_.places.find(partition);
  return place != nullptr ? place->context : protocol::partition_context{};
}

protocol::result<iggy_connection*> iggy_client::connection_to(protocol::partition_id partition) {
  const protocol::partition_place* const place = server_.places.find(partition);
  const protocol::cluster_node* const coordinator = server_.places.leader();
  if (place == nullptr || !place->routed || coordinator == nullptr ||
      place->primary_replica == coordinator->replica_id) {
    return &coordinator_;
  }
  const protocol::cluster_node* const node = server_.places.node(place->primary_replica);
  if (node == nullptr) return &coordinator_;
  const auto [found, made] = node_links_.try_emplace(
      node->replica_id,
      iggy_connection::patience{settings_.connect_timeout, settings_.reply_timeout});
  if (found->second.is_open()) return &found->second;
  protocol::handshake_plan plan = settings_.handshake;
  plan.wanted = server_.gen;
  plan.resumed = session_;
  plan.bind_only = true;
  last_ = &found->second;
  last_address_ = address_of(*node);
  if (const error_code error = found->second.open(last_address_, std::move(plan))) return error;
  return &found->second;
}

}  // namespace vibes::consumer
