#pragma once

#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/base/time.hpp"
#include "protocol/types.hpp"

namespace vibes::store {

/// Position of an event in the order of admission, from 1. Never reused.
using sequence_number = std::uint64_t;

/// Who hears what becomes of an event: a slot of the producer registry. The epoch tells a slot's
/// present owner from an earlier one, so that late news of a closed connection goes nowhere.
struct producer_ref {
  static constexpr std::uint32_t nobody = ~std::uint32_t{0};
  std::uint32_t slot = nobody;
  std::uint32_t epoch = 0;
  friend bool operator==(const producer_ref&, const producer_ref&) = default;
};

/// Where an event came from, for people: kept after the connection has closed.
struct event_origin {
  std::uint64_t connection = 0;  // of this run, from 1; 0: not known
  std::int32_t pid = 0;          // 0: not known
  std::int32_t uid = -1;         // -1: not known
};

/// An event on its way into the queue. The payload is copied by push.
struct new_event {
  protocol::message_id id;
  protocol::session_hash session = 0;
  std::uint64_t origin_time_us = 0;
  std::string_view payload;
  producer_ref producer;
  std::uint64_t line = 0;       // of the producer's connection
  bool ack_wanted = false;      // a producer waits for the commit: no lingering for this one
  bool durable_wanted = false;  // a producer waits until it is on disk
  event_origin origin{};
};

enum class entry_state : std::uint8_t {
  queued,     // in its lane, may be put into a batch
  in_flight,  // in a batch whose request was handed to the link
  returned,   // in a batch that came back unanswered: resent first, unchanged
};

/// A queued event. The payload stands right behind the entry, in the same allocation, so that one
/// event costs one allocation of a size that the byte cap can count.
struct entry {
  using hook = boost::intrusive::list_member_hook<>;

  hook order_hook;  // all live entries, by sequence
  hook lane_hook;   // the queued entries of one partition, by sequence
  sequence_number sequence = 0;
  protocol::message_id id;
  std::uint64_t origin_time_us = 0;
  time_point arrived_at;
  producer_ref producer;
  event_origin origin;
  std::uint64_t line = 0;
  protocol::session_hash session = 0;
  std::uint32_t payload_size = 0;
  entry_state state = entry_state::queued;
  bool ack_wanted = false;
  bool was_sent = false;      // Iggy may have it: dropping it now could be a lie to its producer
  bool was_recorded = false;  // handed over to the journal since that was opened last
  bool was_stored = false;    // came back from the tail: arrived_at is when it did, origin_time_us
                              // when it was taken

  std::span<const std::byte> payload() const noexcept {
    return {reinterpret_cast<const std::byte*>(this + 1), payload_size};
  }
  std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(this + 1), payload_size};
  }
};

/// What an event costs besides its payload: the entry and the allocator's own bookkeeping.
inline constexpr std::size_t entry_overhead_bytes = sizeof(entry) + 2 * sizeof(void*);

constexpr std::size_t entry_cost_bytes(std::size_t payload_size) noexcept {
  return entry_overhead_bytes + payload_size;
}

/// Whether a batch stands in the journal with its stamp.
enum class batch_recorded : std::uint8_t {
  no,
  maybe,  // the journal was given it, and did not say that it has it
  yes,
};

/// Events of one partition that travel in one request. A batch is formed once: until it is
/// committed, refused or its partition disappears it is resent with the same events, in the same
/// order, under the same ids. Entries stay the queue's; a batch must be given back to the queue it
/// came from.
struct batch {
  protocol::partition_id partition = 0;
  std::size_t lane = 0;
  std::vector<entry*> entries;  // at least one
  std::size_t cost_bytes = 0;   // sum of entry_cost_bytes
  std::uint32_t attempts = 0;   // times handed to the link
  std::size_t sent_before = 0;  // of the entries: in another batch, that has been dissolved
  std::optional<protocol::producer_stamp> producer{};  // kept for every resend, like the ids
  batch_recorded recorded = batch_recorded::no;
  std::vector<std::size_t> holds{};  // lanes where sessions of it go on, and wait for it
};

}  // namespace vibes::store
