#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tests/broker/command.hpp"
#include "tests/broker/store.hpp"
#include "tests/broker/vsr_simulation.hpp"

namespace vibes::broker {

class dialect;

enum class generation : std::uint8_t {
  iggy_0_4,
  iggy_0_5,
  iggy_0_6,
  iggy_0_7,
  iggy_0_8,
  iggy_0_9,
  iggy_0_10
};

struct broker_options {
  generation speaks = generation::iggy_0_8;
  std::string username = "iggy";
  std::string password = "iggy";
  std::string token;  // empty: no token is known
  bool deduplicate = false;
  std::size_t memory_bytes_max = std::size_t{4} << 30;
  std::size_t nodes = 1;       // of a cluster; VSR only
  std::uint32_t protocol = 0;  // VSR: the version accepted, packed; 0: that of the generation
};

struct broker_counters {
  std::map<command, std::uint64_t> requests;
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t batches = 0;
  std::uint64_t messages_stored = 0;
  std::uint64_t messages_repeated = 0;  // dropped by the deduplication
  std::uint64_t bytes_stored = 0;
  std::uint64_t requests_dropped = 0;  // VSR: met with silence
  std::uint64_t batch_messages_min = 0;
  std::uint64_t batch_messages_max = 0;

  void batch_received(std::uint64_t messages);
};

/// One connection's standing with the broker.
struct session {
  std::uint32_t client = 0;
  std::string address;  // "ip:port"
  bool logged_in = false;
  std::size_t node = 0;  // of the cluster: the one it speaks to
  // VSR: whose session it carries; all zero for none.
  client_id bound_client{};
  std::uint64_t bound_session = 0;
  std::uint32_t group_member = 0;  // VSR: another session's place in groups; 0: its own
};

/// A broker without sockets: what it keeps, who may log in, and the wire it speaks.
class broker {
 public:
  explicit broker(broker_options);
  ~broker();

  session connected(std::string address, std::size_t node = 0);
  void disconnected(const session&);

  const broker_options& options() const { return options_; }
  const dialect& wire() const { return *dialect_; }
  store& data() { return store_; }
  vsr_simulation& vsr() { return vsr_; }
  /// A partition's standing, made up at its first use: its primary is node `number` mod nodes.
  vsr_partition& vsr_standing(partition& of, std::uint32_t number);
  broker_counters& counters() { return counters_; }
  /// The ports in the cluster metadata, one for each node.
  const std::vector<std::uint16_t>& ports() const { return ports_; }
  std::uint16_t port() const { return ports_.front(); }
  void listening_on(std::uint16_t port, std::size_t node = 0) { ports_.at(node) = port; }
  /// An id for a message that came without one.
  message_id mint_id();

 private:
  broker_options options_;
  std::unique_ptr<const dialect> dialect_;
  store store_;
  broker_counters counters_;
  vsr_simulation vsr_;
  std::vector<std::uint16_t> ports_;
  std::uint32_t clients_ = 0;
  std::uint64_t minted_ = 0;
};

}  // namespace vibes::broker
