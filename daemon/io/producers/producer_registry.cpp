#include "daemon/io/producers/producer_registry.hpp"

#include <utility>

namespace vibes::io {

store::producer_ref producer_registry::add(delivery_receiver& owner) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  slots_[index].owner = &owner;
  return {index, slots_[index].epoch};
}

void producer_registry::remove(store::producer_ref gone) {
  slot* const found = find(gone);
  if (found == nullptr) return;
  found->owner = nullptr;
  found->has_reports = found->waiting = false;
  ++found->epoch;
  free_.push_back(gone.slot);
}

void producer_registry::wait_for_room(store::producer_ref who) {
  slot* const found = find(who);
  if (found == nullptr || found->waiting) return;
  found->waiting = true;
  waiting_.push_back(who);
}

producer_registry::slot* producer_registry::find(store::producer_ref who) {
  if (who.slot >= slots_.size()) return nullptr;
  slot& found = slots_[who.slot];
  return found.owner != nullptr && found.epoch == who.epoch ? &found : nullptr;
}

void producer_registry::has_reports(store::producer_ref who, slot& found) {
  if (found.has_reports) return;
  found.has_reports = true;
  with_reports_.push_back(who);
}

void producer_registry::event_durable(store::producer_ref who, std::uint64_t line) {
  if (slot* const found = find(who)) {
    found->owner->event_durable(line);
    has_reports(who, *found);
  }
}

void producer_registry::event_committed(store::producer_ref who, std::uint64_t line) {
  if (slot* const found = find(who)) {
    found->owner->event_committed(line);
    has_reports(who, *found);
  }
}

void producer_registry::event_lost(store::producer_ref who, std::uint64_t line,
                                   store::loss_reason reason) {
  if (slot* const found = find(who)) {
    found->owner->event_lost(line, reason);
    has_reports(who, *found);
  }
}

void producer_registry::reported() {
  for (const store::producer_ref& who : std::exchange(with_reports_, {})) {
    if (slot* const found = find(who)) {
      found->has_reports = false;
      found->owner->write_answers();
    }
  }
  for (const store::producer_ref& who : std::exchange(waiting_, {})) {
    if (slot* const found = find(who)) {
      found->waiting = false;
      found->owner->room_made();
    }
  }
}

}  // namespace vibes::io
