#include "tests/broker/broker.hpp"

#include <algorithm>

#include "tests/broker/dialect.hpp"

namespace vibes::broker {

void broker_counters::batch_received(std::uint64_t messages) {
  batch_messages_min = batches == 0 ? messages : std::min(batch_messages_min, messages);
  batch_messages_max = std::max(batch_messages_max, messages);
  ++batches;
}

broker::broker(broker_options options)
    : options_(std::move(options)),
      dialect_(make_dialect(options_)),
      store_(options_.memory_bytes_max, dialect_->first_id()),
      ports_(options_.nodes) {}

broker::~broker() = default;

session broker::connected(std::string address, std::size_t node) {
  ++counters_.connections_accepted;
  ++counters_.connections_open;
  return {++clients_, std::move(address), false, node, {}, 0, 0};
}

void broker::disconnected(const session& gone) {
  --counters_.connections_open;
  dialect_->left(*this, gone);
}

vsr_partition& broker::vsr_standing(partition& of, std::uint32_t number) {
  vsr_partition& standing = of.vsr();
  if (standing.incarnation != 0) return standing;
  standing.incarnation = vsr_.mint_incarnation();
  standing.primary = static_cast<std::uint8_t>(number % options_.nodes);
  return standing;
}

message_id broker::mint_id() {
  // A counter looks minted in a test's output, and never meets an id that a client made at random.
  return {++minted_, 0xB20CE2B20CE2B20CU};
}

}  // namespace vibes::broker
