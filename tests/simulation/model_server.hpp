#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "tests/broker/conversation.hpp"
#include "tests/simulation/network.hpp"

namespace vibes::simulation {

/// A message that the server has just stored.
struct stored_message {
  std::uint64_t incarnation = 0;  // of the server's data
  std::uint64_t connection = 0;
  std::uint32_t partition = 0;
  std::uint64_t batch = 0;  // counted in the partition
  std::span<const std::byte> id;
  std::string_view record;  // with the payload at its end
};

/// The demonstration broker's logic on the simulated network: one server, or a cluster whose nodes
/// share their data.
class model_server {
 public:
  using heard = std::function<void(const stored_message&)>;

  model_server(scheduler&, network&, const broker::broker_options&, heard);
  ~model_server();

  static std::string address_of(std::size_t node);

  broker::broker& state() { return *broker_; }
  broker::misbehaviour& behaviour() { return behaviour_; }
  std::size_t nodes() const { return nodes_.size(); }
  broker::topic* topic() { return broker_->data().find("vibes", "events"); }
  std::uint64_t incarnation() const { return incarnation_; }

  /// A node's process ends: its connections are reset or closed. It keeps what it has.
  void stop(std::size_t node);
  void start(std::size_t node);
  bool runs(std::size_t node) const;
  /// Another server is set up in its place, with nothing in it.
  void replace(const broker::broker_options&);
  /// All streams are gone.
  void forget_messages();
  void evict(std::uint8_t reason);
  /// Each request takes so long.
  void set_delay(duration most) { delay_max_ = most; }

 private:
  class node;
  class served_connection;
  struct cursor {
    const broker::topic* of = nullptr;
    std::vector<std::uint64_t> next;     // offset, of each partition
    std::vector<std::uint64_t> batches;  // of each partition
  };

  void note_stored(std::uint64_t connection);
  void drop_connections(std::size_t node);

  scheduler& scheduler_;
  network& network_;
  heard heard_;
  std::unique_ptr<broker::broker> broker_;
  broker::misbehaviour behaviour_;
  std::vector<std::unique_ptr<node>> nodes_;
  std::map<std::uint64_t, std::unique_ptr<served_connection>> connections_;
  cursor read_;
  std::uint64_t incarnation_ = 1;
  duration delay_max_ = 1ms;
};

}  // namespace vibes::simulation
