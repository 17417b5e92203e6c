#include "tests/unit/consumer/iggy_simulation.hpp"

#include <stdexcept>

#include "tests/broker/conversation.hpp"

namespace vibes::test {
namespace {

using broker::conversation;

void say(conversation& line, const protocol::byte_vector& frame) {
  broker::bytes replies;
  line.receive(frame, 1, replies);
  if (replies.size() < 8 || broker::load<std::uint32_t>(replies.data()) != 0) {
    throw std::runtime_error("the broker refused what a test wanted stored");
  }
}

broker::broker_options options_of(broker::generation speaks, std::size_t nodes) {
  broker::broker_options options;
  options.speaks = speaks;
  options.nodes = nodes;
  return options;
}

}  // namespace

iggy_simulation::iggy_simulation(broker::generation speaks, std::size_t nodes)
    : open_(boost::asio::make_work_guard(loop_)), server_(loop_, options_of(speaks, nodes)) {
  if (server_.listen(0)) throw std::runtime_error("no port for the broker");
  port_ = server_.port();
  thread_ = std::thread([this] { loop_.run(); });
}

iggy_simulation::~iggy_simulation() {
  vanish();
  open_.reset();
  thread_.join();
}

consumer::client_settings iggy_simulation::settings(std::uint32_t partitions_count) const {
  consumer::client_settings made;
  made.addresses = {{"127.0.0.1", std::to_string(port_)}};
  made.handshake.login = protocol::login_with_password{"iggy", "iggy", "", ""};
  made.handshake.stream = "vibes";
  made.handshake.topic = "events";
  made.handshake.partitions_count = partitions_count;
  return made;
}

void store(broker::server& into, protocol::partition_id where,
           const std::vector<std::string>& payloads) {
  const bool oldest = into.state().options().speaks == broker::generation::iggy_0_6;
  const auto codec = protocol::make_codec(oldest ? protocol::generation::iggy_0_6
                                                 : protocol::generation::iggy_0_7);
  // Well behaved, whatever the server is told to do with others.
  broker::misbehaviour none;
  conversation line(into.state(), none, "127.0.0.1:1");
  protocol::byte_vector login;
  codec->encode(protocol::login_with_password{"iggy", "iggy", "", ""}, login);
  say(line, login);
  std::vector<protocol::outgoing_message> messages;
  for (const std::string& each : payloads) {
    const auto number = messages.size() + 1;
    messages.push_back({{0, number}, 1'000 + number, std::as_bytes(std::span(each)), {}});
  }
  const protocol::identifier stream("vibes");
  const protocol::identifier topic("events");
  protocol::byte_vector body;
  codec->encode_send_body({stream, topic, where, messages}, body);
  protocol::byte_vector frame;
  codec->encode_send_header(body.size(), {}, 1, frame);
  frame.insert(frame.end(), body.begin(), body.end());
  say(line, frame);
}

void iggy_simulation::send(protocol::partition_id where, const std::vector<std::string>& payloads) {
  on_server([&](broker::server& server) { store(server, where, payloads); });
}

std::uint64_t iggy_simulation::requests(broker::command of) {
  return on_server([&](broker::server& server) { return server.state().counters().requests[of]; });
}

void iggy_simulation::vanish() {
  on_server([](broker::server& server) { server.vanish(broker::departure::abrupt); });
}

void iggy_simulation::come_back() {
  const auto failure = on_server([](broker::server& server) { return server.come_back(); });
  if (failure) throw std::runtime_error("the broker's port is taken");
}

}  // namespace vibes::test
