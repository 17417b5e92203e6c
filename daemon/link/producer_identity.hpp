#pragma once

#include <cstdint>
#include <map>

#include "protocol/types.hpp"

namespace vibes::link {

/// Who we are to a server that drops a producer's repeated batches, and how far we are in each
/// partition (docs/wire.md, "Producer section"). A batch gets its stamp once and keeps it for every
/// resend; that is what lets the server recognise it. Pure.
///
/// Epochs are kept for each partition: what a partition forgot says nothing of the others.
class producer_identity {
 public:
  /// The id is random: whoever has the same one would lose events. Of its 64 bits 63 are used.
  explicit producer_identity(std::uint64_t id) noexcept : id_(id & protocol::producer_id_max) {}

  /// The stamp of the next new batch of the partition; the one after it begins behind it.
  protocol::producer_stamp stamp(protocol::partition_id, std::size_t events);

  /// The server has refused the newest batch of the partition and written nothing: what comes next
  /// takes its place.
  void take_back(protocol::partition_id, const protocol::producer_stamp&);

  /// The server does not know our place in the partition, or doubts it: a new epoch begins there.
  /// `random` is for the id that is needed when the epochs have run out or we are fenced.
  void begin_epoch(protocol::partition_id, std::uint64_t random);
  /// Somebody else has our id.
  void begin_anew(std::uint64_t random) noexcept;

 private:
  struct place {
    std::uint16_t epoch = 0;
    std::uint32_t next_sequence = 0;
  };

  std::uint64_t id_;
  std::map<protocol::partition_id, place> places_;
};

}  // namespace vibes::link
