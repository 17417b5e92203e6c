#include "daemon/link/producer_identity.hpp"

namespace vibes::link {

protocol::producer_stamp producer_identity::stamp(protocol::partition_id partition,
                                                  std::size_t events) {
  place& at = places_[partition];
  const protocol::producer_stamp made{id_, at.epoch, at.next_sequence};
  at.next_sequence =
      (at.next_sequence + static_cast<std::uint32_t>(events)) & protocol::producer_sequence_mask;
  return made;
}

void producer_identity::take_back(protocol::partition_id partition,
                                  const protocol::producer_stamp& unused) {
  place& at = places_[partition];
  if (unused.producer_id == id_ && unused.epoch == at.epoch) {
    at.next_sequence = unused.base_sequence;
  }
}

void producer_identity::begin_epoch(protocol::partition_id partition, std::uint64_t random) {
  place& at = places_[partition];
  if (at.epoch == protocol::producer_epoch_max) return begin_anew(random);
  at = {static_cast<std::uint16_t>(at.epoch + 1), 0};
}

void producer_identity::begin_anew(std::uint64_t random) noexcept {
  id_ = random & protocol::producer_id_max;
  places_.clear();
}

}  // namespace vibes::link
