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
  iggy_0_4,
  iggy_0_5,
  iggy_0_6,
  iggy_0_7,
  iggy_0_9,
  iggy_0_10
};

std::string_view to_string(generation) noexcept;

/// Servers 0.9 and later: 256-byte headers, sessions, replies that name their request.
constexpr bool is_vsr(generation gen) noexcept {
  return gen >= generation::iggy_0_9;
}
/// The server drops a batch that it has had from the same producer.
constexpr bool has_producers(generation gen) noexcept {
  return gen == generation::iggy_0_10;
}

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

/// Which life of a partition a request means, and how much of the topology the server must have
/// seen for it: 0.10 wants both with every request to one partition (docs/wire.md, "Partition
/// routes"). Zero, and not on the wire, before.
struct partition_context {
  std::uint64_t incarnation = 0;
  std::uint64_t metadata_op = 0;
  friend auto operator<=>(const partition_context&, const partition_context&) = default;
};

/// An idempotent producer's place in the order of one partition (docs/wire.md, "Producer section").
struct producer_stamp {
  std::uint64_t producer_id = 0;    // at most producer_id_max
  std::uint16_t epoch = 0;          // at most producer_epoch_max
  std::uint32_t base_sequence = 0;  // of the batch's first message; counts modulo 2^31
  friend auto operator<=>(const producer_stamp&, const producer_stamp&) = default;
};
inline constexpr std::uint64_t producer_id_max = 0x7fff'ffff'ffff'ffff;
inline constexpr std::uint16_t producer_epoch_max = 0x7fff;
inline constexpr std::uint32_t producer_sequence_mask = 0x7fff'ffff;

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
  partition_id partition = 0;
  std::span<const outgoing_message> messages;  // at least one
  std::optional<producer_stamp> producer{};    // only for a generation that has_producers
};

}  // namespace vibes::protocol
