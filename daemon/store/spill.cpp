#include "daemon/store/spill.hpp"

#include <algorithm>
#include <new>

namespace vibes::store {

void spill::add(const new_event& event, sequence_number sequence) {
  if (events_.empty()) front_time_us_ = event.origin_time_us;
  const std::size_t bytes = journal::event_overhead_bytes + event.payload.size();
  const bool waits = event.producer.slot != producer_ref::nobody && has_place_for_producer();
  if (waits) waiters_.add({sequence, event.producer, event.line, event.ack_wanted});
  try {
    journal::record_group& page = page_for(pending_, bytes, limits_.page.bytes_max);
    events_.add(sequence);
    // No allocation is left to fail.
    page.add({sequence, event.id, event.session, event.origin_time_us,
              std::as_bytes(std::span(event.payload))});
  } catch (const std::bad_alloc&) {
    if (!pending_.empty() && pending_.back().empty()) pending_.pop_back();
    if (waits) waiters_.remove_newest();
    throw;
  }
  pending_bytes_ += bytes;
  ++pending_events_;
}

/// The last page, or a new one, with room for so much.
journal::record_group& spill::page_for(std::deque<journal::record_group>& of, std::size_t bytes,
                                       std::size_t page_bytes_max) {
  const bool begins_page = of.empty() || of.back().events() >= limits_.page.events_max ||
                           of.back().size_bytes() + bytes > page_bytes_max;
  if (begins_page) of.emplace_back();
  of.back().reserve(bytes);
  return of.back();
}

void spill::add_record(std::deque<journal::record_group>& to, const journal::event_record& event,
                       std::size_t page_bytes_max) {
  page_for(to, journal::event_overhead_bytes + event.payload.size(), page_bytes_max).add(event);
}

void spill::hand_over(journal::record_group& to, std::size_t bytes_max) {
  while (!pending_.empty()) {
    if (pending_.front().size_bytes() > bytes_max) split_front(bytes_max);
    if (!to.empty() && to.size_bytes() + pending_.front().size_bytes() > bytes_max) return;
    journal::record_group page = std::move(pending_.front());
    pending_.pop_front();
    if (!handed_over_) handed_over_ = page.lowest();
    pending_bytes_ -= page.size_bytes();
    pending_events_ -= page.events();
    to.append(std::move(page));
  }
}

/// Into pages of this size, all at once: otherwise what is left of it would be copied for each.
void spill::split_front(std::size_t bytes_max) {
  const journal::record_group page = std::move(pending_.front());
  pending_.pop_front();
  std::deque<journal::record_group> parts;
  journal::for_each_record(page.bytes(),
                           [&](const journal::record_header&, protocol::const_bytes record) {
                             add_record(parts, *journal::decode_event(record), bytes_max);
                           });
  pending_.insert(pending_.begin(), std::make_move_iterator(parts.begin()),
                  std::make_move_iterator(parts.end()));
}

/// The journal takes out of a job what it has from an earlier attempt, so the rest may have gaps. A
/// page with a gap would go to memory whole, and overtake the events in the gap, which are on disk.
void spill::handed_over_ends(const journal::record_group& unwritten) {
  handed_over_.reset();
  std::deque<journal::record_group> again;
  journal::for_each_record(
      unwritten.bytes(), [&](const journal::record_header& header, protocol::const_bytes record) {
        if (header.kind != journal::record_kind::event || !events_.contains(header.sequence))
          return;
        if (!again.empty() && has_between(again.back().highest(), header.sequence))
          again.emplace_back();
        add_record(again, *journal::decode_event(record), limits_.page.bytes_max);
      });
  for (; !again.empty(); again.pop_back()) {
    pending_bytes_ += again.back().size_bytes();
    pending_events_ += again.back().events();
    pending_.push_front(std::move(again.back()));
  }
}

bool spill::has_between(sequence_number before, sequence_number behind) const noexcept {
  const std::optional<sequence_number> next = events_.next(before + 1);
  return next && *next < behind;
}

bool spill::is_pending(sequence_number sequence) const noexcept {
  const auto page =
      std::ranges::lower_bound(pending_, sequence, {}, &journal::record_group::highest);
  return page != pending_.end() && page->lowest() <= sequence && events_.contains(sequence);
}

journal::sequence_set spill::pending() const {
  journal::sequence_set found;
  for (const journal::record_group& page : pending_) found.add({page.lowest(), page.highest()});
  return found.intersection(events_);
}

sequence_number spill::disk_end() const noexcept {
  sequence_number end = journal::sequence_max;
  if (handed_over_) end = *handed_over_;
  if (!pending_.empty()) end = std::min<sequence_number>(end, pending_.front().lowest());
  return end;
}

std::optional<sequence_number> spill::front_on_disk() const noexcept {
  if (events_.empty() || events_.first() >= disk_end()) return std::nullopt;
  return events_.first();
}

std::optional<journal::record_group> spill::take_pending_page() {
  if (pending_.empty() || handed_over_ || events_.first() < pending_.front().lowest()) {
    return std::nullopt;
  }
  journal::record_group page = std::move(pending_.front());
  pending_.pop_front();
  pending_bytes_ -= page.size_bytes();
  pending_events_ -= page.events();
  return page;
}

void spill::give_back_page(journal::record_group&& page) {
  pending_bytes_ += page.size_bytes();
  pending_events_ += page.events();
  pending_.push_front(std::move(page));
}

void spill::remove(const journal::sequence_set& gone) {
  if (gone.empty()) return;
  events_.subtract(gone);
  // Pending records of them are few: what drop_oldest takes is old.
  for (auto page = pending_.begin(); page != pending_.end() && page->lowest() <= gone.last();) {
    journal::record_group kept;
    journal::for_each_record(std::as_const(*page).bytes(), [&](const journal::record_header& header,
                                                               protocol::const_bytes record) {
      if (events_.contains(header.sequence)) kept.add(*journal::decode_event(record));
    });
    pending_bytes_ -= page->size_bytes() - kept.size_bytes();
    pending_events_ -= page->events() - kept.events();
    *page = std::move(kept);
    page = page->empty() ? pending_.erase(page) : std::next(page);
  }
}

}  // namespace vibes::store
