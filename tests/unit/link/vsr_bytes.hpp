#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/types.hpp"
#include "tests/unit/link/iggy_bytes.hpp"

// The wire of servers 0.9 and 0.10, written and read by hand at fixed offsets (docs/wire.md, "VSR
// framing"), so that nothing of the codec under test vouches for itself. Bytes are kept in strings.

namespace vibes::test {

namespace code {
inline constexpr std::uint32_t nodes = 12;
inline constexpr std::uint32_t bind = 15;
inline constexpr std::uint32_t route = 105;
}  // namespace code

struct vsr_request {
  std::uint32_t code = 0;  // of the command, also where only its operation was told
  std::uint64_t number = 0;
  std::uint64_t session = 0;
  protocol::message_id client;
  std::uint64_t incarnation = 0;
  std::uint64_t metadata_op = 0;
  std::string body;
};

/// A login of the version that no release has: the question which server this is.
bool is_probe(const vsr_request&);

/// Cuts what a client wrote into requests. Throws broken_promise for a header that breaks a rule.
class vsr_reader {
 public:
  void feed(std::string_view bytes) { unread_.append(bytes); }
  std::optional<vsr_request> next();
  void clear() { unread_.clear(); }
  const std::string& unread() const { return unread_; }

 private:
  std::string unread_;
};

struct seen_stamp {
  std::uint64_t producer = 0;
  std::uint32_t epoch = 0;
  std::uint32_t sequence = 0;
  friend auto operator<=>(const seen_stamp&, const seen_stamp&) = default;
};

struct vsr_send {
  vsr_request request;
  std::uint32_t partition = 0;
  std::optional<seen_stamp> stamp;
  std::vector<seen_message> messages;
};

/// Throws broken_promise unless it is a send to an explicit partition of vibes/events, consistent
/// to the byte (but for checksums, which have tests of their own).
vsr_send read_vsr_send(const vsr_request&);

/// What a server says around a payload in answer to a request; under another number when told.
std::string vsr_reply(const vsr_request& to, std::string_view payload = {},
                      std::uint32_t status = 0);
std::string vsr_eviction(std::uint8_t reason, std::uint32_t version_max = 0,
                         std::uint32_t version_min = 0);

/// A node of a cluster: its number, which is also the end of its address 10.0.0.N:8090.
struct vsr_node {
  std::uint8_t id = 0;
  bool leads = false;
};
inline std::string ip_of(std::uint8_t node) {
  return "10.0.0." + std::to_string(node);
}

namespace payload {
std::string opened(protocol::generation, std::uint64_t session);  // of a bind; a login has 4 zeros
std::string login(protocol::generation, std::uint64_t session);
std::string nodes(protocol::generation, const std::vector<vsr_node>&);
std::string stream(protocol::generation);
/// Partition n has incarnation 100 + n and metadata position 200 + n, and so has its route.
std::string topic(protocol::generation, const std::vector<protocol::partition_id>&,
                  std::uint64_t first_incarnation = 100);
std::string route(protocol::partition_id, std::uint8_t node, std::uint64_t first_incarnation = 100);
std::string stored(protocol::partition_id);  // a send's confirmation
}  // namespace payload

}  // namespace vibes::test
