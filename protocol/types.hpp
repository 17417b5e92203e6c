#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vibes::protocol {

using error_code = boost::system::error_code;
template <class T>
using result = boost::system::result<T>;

/// The dialects of Iggy's TCP protocol, oldest first (docs/wire.md, "Generations"). Servers 0.7 and
/// 0.8 share one message layout and so one generation here.
enum class generation : std::uint8_t {
  classic_0_4,
  classic_0_5,
  classic_0_6,
  classic_0_7,
  vsr_0_11,
  vsr_0_12
};

std::string_view to_string(generation) noexcept;

/// A message's 128-bit id. `high` holds the first eight bytes of the UUID read as a big-endian
/// number.
struct message_id {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const message_id&, const message_id&) = default;
};

using partition_id = std::uint32_t;

/// XXH32 of a session's key (docs/wire.md, "Partitioning").
using session_hash = std::uint32_t;

/// A stream or topic, by server-assigned number or by name (1..255 bytes).
using identifier = std::variant<std::uint32_t, std::string>;

/// Where a send goes. The daemon only uses explicit partition ids; the other kinds are for tools.
struct balanced {};
struct to_partition {
  partition_id id = 0;
};
struct by_key {
  std::string key;  // 1..255 bytes
};
using partitioning = std::variant<balanced, to_partition, by_key>;

/// One message of a batch. Spans stay the caller's: they must live until encoding returns.
struct outgoing_message {
  message_id id;                       // zero: the server makes one up
  std::uint64_t origin_time_us = 0;    // Unix epoch, microseconds; stored as given
  std::span<const std::byte> payload;  // at most payload_size_max bytes
  std::span<const std::byte> user_headers;
};

/// The smallest per-message limit of the servers this library speaks to (docs/wire.md, "Limits").
inline constexpr std::size_t payload_size_max = 10'000'000;

struct batch_view {
  const identifier& stream;
  const identifier& topic;
  const partitioning& where;
  std::span<const outgoing_message> messages;  // at least one
};

}  // namespace vibes::protocol
