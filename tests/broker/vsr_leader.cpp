#include "tests/broker/vsr.hpp"

namespace vibes::broker {

void put_node(vsr_request& request, std::size_t node) {
  const auto& ports = request.at.with.ports();
  bytes& reply = request.reply;
  if (request.traits.binds_and_routes) put(reply, static_cast<std::uint8_t>(node));
  const std::string number = ports.size() == 1 ? "" : "-" + std::to_string(node);
  put_text<std::uint32_t>(reply, "iggy-node" + number);
  put_text<std::uint32_t>(reply, "127.0.0.1");
  put(reply, ports[node]);
  for (int transport = 0; transport < 3; ++transport)  // QUIC, HTTP, WebSocket: none here
    put<std::uint16_t>(reply, 0);
  put<std::uint8_t>(reply, node == request.simulation().leader() ? 0 : 1);
  put<std::uint8_t>(reply, 0);  // healthy
}

status check_leader(const vsr_request& request) {
  return request.at.who.node == request.simulation().leader() ? status::ok : status::not_accepted;
}

outcome get_leading_node(vsr_request& request) {
  put(request.reply, request.at.who.bound_client);
  put(request.reply, request.session->number);
  put(request.reply, request.simulation().metadata_op());
  put_node(request, request.simulation().leader());
  return outcome::answer();
}

outcome attach_consumer_session(vsr_request& request) {
  fields body(request.body);
  const auto client = body.take<client_id>();
  const auto number = body.take<std::uint64_t>();
  body.take<std::uint64_t>();  // how much of the metadata log the node has to know: all do
  if (!body.whole()) return outcome::deny(status::invalid_format);
  const vsr_session* const parent = request.simulation().find(client);
  if (parent == nullptr || parent->number != number) return outcome::deny(status::unauthenticated);
  request.at.who.group_member = parent->member();
  return outcome::answer();
}

}  // namespace vibes::broker
