#include "daemon/upstream/outbox.hpp"

#include <utility>

#include "daemon/base/assert.hpp"

namespace vibes::upstream {

using queue::loss_reason;
using queue::overflow_verdict;

outbox::outbox(outbox_limits limits, fate_listener& listener, time_point now)
    : limits_(limits),
      listener_(listener),
      queue_(limits.queue),
      batcher_(queue_, limits.batch),
      progress_(now) {}

outbox::offer_result outbox::offer(const queue::new_event& event, time_point now,
                                   time_point waiting_since) {
  const std::size_t size = event.payload.size();
  const bool makes_room = !queue_.fits(size);
  if (makes_room) {
    // Neither waiting nor dropping others helps an event that is larger than the queue.
    if (!queue_.fits_at_all(size)) return refuse(loss_reason::overflow_drop_newest);
    switch (queue::decide_overflow(limits_.admission, progress_, now, waiting_since)) {
      case overflow_verdict::wait:
        return {offer_verdict::wait,
                {},
                queue::ask_again_at(limits_.admission, progress_, waiting_since)};
      case overflow_verdict::refuse:
        return refuse(limits_.admission.policy == queue::overflow_policy::block
                          ? loss_reason::overflow_block_expired
                          : loss_reason::overflow_drop_newest);
      case overflow_verdict::drop_oldest: break;
    }
    if (!queue_.fits_after_drops(size)) return refuse(loss_reason::overflow_drop_newest);
    drop_until_it_fits(size);
  }
  if (queue_.empty()) progress_.became_busy(now);
  queue_.push(event, now);
  ++counters_.received_events;
  if (makes_room) listener_.fates_told();
  return {offer_verdict::accepted, {}, {}};
}

outbox::offer_result outbox::refuse(loss_reason reason) {
  ++counters_.received_events;
  ledger_.add(reason);
  return {offer_verdict::refused, reason, {}};
}

void outbox::drop_until_it_fits(std::size_t payload_size) {
  while (!queue_.fits(payload_size)) {
    const bool dropped = queue_.drop_oldest(
        [this](const queue::entry& gone) { tell_lost(gone, loss_reason::overflow_drop_oldest); });
    VIBES_ASSERT(dropped);
  }
}

std::optional<time_point> outbox::ask_again_at(time_point now,
                                               time_point waiting_since) const noexcept {
  if (queue_.fits(0)) return std::nullopt;
  if (queue::decide_overflow(limits_.admission, progress_, now, waiting_since) !=
      overflow_verdict::wait) {
    return std::nullopt;
  }
  return queue::ask_again_at(limits_.admission, progress_, waiting_since);
}

std::uint64_t outbox::give_up_rest() {
  const std::uint64_t left = queue_.usage().events;
  queue_.clear([this](const queue::entry& gone) { tell_lost(gone, loss_reason::left_at_stop); });
  listener_.fates_told();
  return left;
}

void outbox::link_up(time_point) {
  progress_.link_up();
}

void outbox::link_down(time_point now) {
  progress_.link_down(now);
}

void outbox::route(std::span<const protocol::partition_id> sorted_ids, protocol::generation gen) {
  queue_.route(sorted_ids, gen);
}

std::optional<queue::batch> outbox::next_batch(time_point now, queue::link_demand demand) {
  if (paused_ && !demand.draining) return std::nullopt;
  std::optional<queue::batch> next = batcher_.next(now, demand);
  if (next) {
    counters_.resent_events += next->attempts > 1 ? next->entries.size() : next->sent_before;
  }
  return next;
}

std::optional<time_point> outbox::wake_at(const queue::lane_choice& lanes) const {
  if (paused_) return std::nullopt;
  return batcher_.wake_at(lanes);
}

void outbox::committed(queue::batch&& done, time_point now) {
  progress_.committed(now);
  ++counters_.committed_batches;
  counters_.committed_events += done.entries.size();
  for (const queue::entry* each : done.entries) {
    counters_.committed_bytes += each->payload_size;
    if (each->producer.slot != queue::producer_ref::nobody) {
      listener_.event_committed(each->producer, each->line);
    }
  }
  queue_.commit(std::move(done));
  listener_.fates_told();
}

void outbox::returned(queue::batch&& back) {
  ++counters_.returned_batches;
  queue_.put_back(std::move(back));
}

void outbox::refused(queue::batch&& back, const protocol::error_code& why, time_point now) {
  if (back.entries.size() > 1) {
    ++counters_.returned_batches;
    queue_.put_back_split(std::move(back));
    return;
  }
  // An answer is progress, even this one: the queue moves.
  progress_.committed(now);
  if (on_refusal_) on_refusal_(*back.entries.front(), why);
  tell_lost(*back.entries.front(), loss_reason::refused_by_iggy);
  queue_.commit(std::move(back));
  listener_.fates_told();
}

std::vector<queue::sequence> outbox::drop(std::span<const queue::sequence> ascending) {
  using choice = queue::replay_queue::choice;
  std::vector<queue::sequence> gone;
  auto next = ascending.begin();
  queue_.drop_chosen(
      [&](const queue::entry& each) {
        while (next != ascending.end() && *next < each.number) ++next;
        if (next == ascending.end()) return choice::stop;
        const bool chosen = *next == each.number && queue::replay_queue::droppable(each);
        return chosen ? choice::drop : choice::keep;
      },
      [&](const queue::entry& each) {
        gone.push_back(each.number);
        tell_lost(each, loss_reason::dropped_by_operator);
      });
  listener_.fates_told();
  return gone;
}

std::uint64_t outbox::drop_up_to(queue::sequence last, std::uint64_t events_max) {
  using choice = queue::replay_queue::choice;
  std::uint64_t dropped = 0;
  queue_.drop_chosen(
      [&](const queue::entry& each) {
        if (each.number > last || dropped == events_max) return choice::stop;
        return queue::replay_queue::droppable(each) ? choice::drop : choice::keep;
      },
      [&](const queue::entry& each) {
        ++dropped;
        tell_lost(each, loss_reason::dropped_by_operator);
      });
  listener_.fates_told();
  return dropped;
}

void outbox::tell_lost(const queue::entry& gone, loss_reason reason) {
  ledger_.add(reason);
  if (gone.producer.slot != queue::producer_ref::nobody) {
    listener_.event_lost(gone.producer, gone.line, reason);
  }
}

}  // namespace vibes::upstream
