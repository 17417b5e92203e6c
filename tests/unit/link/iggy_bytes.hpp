#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/types.hpp"

// The wire of a 0.7 server, written by hand at fixed offsets (docs/wire.md), so that nothing of the
// codec under test vouches for itself. Bytes are kept in strings.

namespace vibes::test {

namespace code {
inline constexpr std::uint32_t ping = 1;
inline constexpr std::uint32_t get_stats = 10;
inline constexpr std::uint32_t login = 38;
inline constexpr std::uint32_t send = 101;
inline constexpr std::uint32_t get_stream = 200;
inline constexpr std::uint32_t create_stream = 202;
inline constexpr std::uint32_t get_topic = 300;
inline constexpr std::uint32_t create_topic = 302;
}  // namespace code

struct seen_request {
  std::uint32_t code = 0;
  std::string body;
};

/// Cuts what a client wrote into requests.
class request_reader {
 public:
  void feed(std::string_view bytes) { unread_.append(bytes); }
  std::optional<seen_request> next();
  void clear() { unread_.clear(); }

 private:
  std::string unread_;
};

struct seen_message {
  protocol::message_id id;
  std::string payload;
};

struct seen_send {
  std::string stream;
  std::string topic;
  std::uint32_t partition = 0;
  std::vector<seen_message> messages;
};

/// Throws broken_promise unless the body is a send to an explicit partition, consistent to the
/// byte.
seen_send read_send(const seen_request&);

std::string number(std::uint64_t value, std::size_t bytes);

std::string reply(std::uint32_t status, std::string_view payload = {});
std::string ok();
std::string login_reply();
std::string stats_reply(std::string_view server_version = "0.8.0");
std::string stream_reply();
std::string topic_reply(std::uint32_t partitions_count);
std::string topic_reply(const std::vector<protocol::partition_id>& ids);
/// A success without payload: what was asked for does not exist.
std::string nothing_there();

}  // namespace vibes::test
