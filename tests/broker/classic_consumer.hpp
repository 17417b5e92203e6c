#pragma once

#include "tests/broker/classic_lookup.hpp"

namespace vibes::broker {

/// The front of every consumer request: who reads what. `[consumer][stream][topic][partition?]`,
/// where the partition is a number, 0 for none, with 0.4 and 0.5, and has a flag before it later.
struct consumer_request {
  std::uint8_t kind = 0;  // 1 a consumer, 2 a group
  identifier who;
  identifier in;
  identifier name;
  std::optional<std::uint32_t> partition;
};

status take_consumer(fields& from, const classic_traits&, consumer_request& into);

/// What it comes to in the store. `found` is null when the partition does not exist.
struct consumer_place {
  consumer_key key;
  std::uint32_t number = 0;
  partition* found = nullptr;
  /// A group member without a partition of its own: there is nothing to read, and no error.
  bool idle = false;
};

/// `poll` moves a group member's turn on to its next partition.
enum class purpose : std::uint8_t { poll, offset };

/// Resolves stream, topic, consumer and partition, in this order; the status says what is missing.
status resolve(const classic_request&, const consumer_request& wanted, purpose,
               consumer_place& into);

}  // namespace vibes::broker
