#pragma once

#include <optional>

#include "tests/broker/visit.hpp"
#include "tests/broker/vsr_header.hpp"

// Brokers of the VSR generations, connections to them without sockets, and requests to say there.

namespace vibes::test {

using broker::client_id;
using broker::generation;
using broker::operation;

/// What a VSR request's header says; what is not set is as an honest client has it.
struct asked {
  operation does = operation::read;
  command code = command::ping;  // of a read
  std::optional<std::uint64_t> request = {};
  std::optional<std::uint64_t> session = {};
  std::optional<client_id> client = {};
  client_id checksum{};
  std::uint64_t incarnation = 0;
  std::uint64_t owner = 0;
};

/// What came back: one frame at most.
struct answered {
  frame_bytes raw;  // empty: silence
  bool hung_up = false;

  bool silent() const { return raw.empty() && !hung_up; }
  std::uint8_t kind() const;
  /// The reason of an eviction, 0 when it is none.
  std::uint8_t reason() const;
  std::uint32_t version() const;  // the newest that an eviction names
  /// The status in the header, or else the one in the result section of such a reply.
  std::uint32_t status() const;
  std::uint64_t op() const;
  /// Behind the result section, where there is one.
  frame_bytes body() const;
};

/// One connection, with a client id of its own.
class vsr_line {
 public:
  vsr_line(broker::broker&, broker::misbehaviour&, std::uint64_t client, std::size_t node = 0);

  answered ask(const asked&, const frame_bytes& body = {}, std::uint64_t now_us = 1'000);
  answered say(const frame_bytes& raw, std::uint64_t now_us = 1'000);
  /// The bytes `ask` would say, which takes the next request number too.
  frame_bytes written(const asked&, const frame_bytes& body = {});

  answered log_in(std::string_view password = "iggy");
  /// Continues the session of another line.
  answered bind(const vsr_line& other, std::uint8_t secret = 7);
  answered read(command code, const frame_bytes& body = {});
  answered change(operation does, const frame_bytes& body);
  /// Stream "s" and in it topic "t" with this many partitions.
  void prepare(std::uint32_t partitions);
  std::uint64_t incarnation_of(std::uint32_t partition);

  std::uint64_t session() const { return session_; }
  std::uint64_t request() const { return request_; }
  void next_request(std::uint64_t number) { request_ = number - 1; }
  broker::conversation& line() { return line_; }

 private:
  broker::broker& broker_;
  broker::conversation line_;
  client_id client_;
  std::uint64_t session_ = 0;
  std::uint64_t request_ = 0;
};

/// A broker and the first connection to it.
struct vsr_visit {
  explicit vsr_visit(generation speaks, std::size_t nodes = 1);

  broker::broker with;
  broker::misbehaviour how;
  vsr_line line{with, how, 11};
};

constexpr std::uint32_t version_0_11 = 0x2C00;
constexpr std::uint32_t version_0_12 = 0x3000;

frame_bytes login_body(generation, std::string_view user, std::string_view password,
                       std::uint8_t secret = 7);
frame_bytes topic_body(std::uint32_t partitions, const frame_bytes& options = {});
frame_bytes text_option(std::string_view key, std::string_view value);

/// A batch of text messages as a client sends it, whose parts a test may then spoil.
struct batch {
  std::vector<record> messages;
  std::uint64_t origin_us = 500;
  std::optional<broker::producer_claim> producer = {};
};
frame_bytes batch_bytes(const batch&);
/// A send to s/t.
frame_bytes send_body(std::uint32_t partition, const batch&);
frame_bytes send_body(std::uint32_t partition, const frame_bytes& whole_batch,
                      std::uint32_t messages);
/// The base offset in a confirmation; nothing when the body is empty.
std::optional<std::uint64_t> confirmed(const answered&);

frame_bytes poll_body(std::uint32_t partition, std::uint8_t strategy, std::uint64_t value,
                      std::uint32_t count, bool commits = false);
/// Offset and payload of each polled message, whose checksums all have to be right.
std::vector<std::pair<std::uint64_t, std::string>> polled_messages(const answered&, generation);

}  // namespace vibes::test
