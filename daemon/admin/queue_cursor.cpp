#include "daemon/admin/queue_cursor.hpp"

#include <algorithm>

namespace vibes::admin {

namespace json = boost::json;
using where = next_place::where;

namespace {

const char* state_name(store::entry_state state) {
  switch (state) {
    case store::entry_state::queued: return "queued";
    case store::entry_state::in_flight: return "in_flight";
    case store::entry_state::returned: break;
  }
  return "returned";
}

std::uint64_t wall_age_ms(std::uint64_t taken_us, std::uint64_t unix_us) {
  return (unix_us - std::min(unix_us, taken_us)) / 1'000;
}

}  // namespace

std::uint64_t age_ms(const store::entry& of, const clock_reading& at) {
  using std::chrono::milliseconds;
  const auto here = std::chrono::duration_cast<milliseconds>(at.now - of.arrived_at).count();
  const std::uint64_t here_ms = here < 0 ? 0 : static_cast<std::uint64_t>(here);
  return of.was_stored ? std::max(here_ms, wall_age_ms(of.origin_time_us, at.unix_us)) : here_ms;
}

std::uint64_t oldest_age_ms(const store::outbox& of, const clock_reading& at) {
  const store::entry* const oldest = of.queue().oldest();
  std::uint64_t age = oldest == nullptr ? 0 : age_ms(*oldest, at);
  // Memory has the older ones, but for a journal that was late.
  const bool tail_may_be_older = oldest == nullptr || !of.queue().ascends();
  const std::uint64_t front_us = of.journal().spilled().front_time_us();
  if (tail_may_be_older && front_us != 0) age = std::max(age, wall_age_ms(front_us, at.unix_us));
  return age;
}

waiting_event waiting_in_memory(const store::entry& of, const store::outbox& in,
                                const clock_reading& at) {
  waiting_event made;
  made.sequence = of.sequence;
  made.id = of.id;
  made.session = of.session;
  made.age_ms = static_cast<std::int64_t>(age_ms(of, at));
  made.partition = in.queue().partition_of(of);
  made.state = state_name(of.state);
  made.droppable = store::replay_queue::droppable(of);
  made.payload = of.text();
  return made;
}

waiting_event waiting_in_spill(const journal::event_record& of, const store::outbox& in,
                               const clock_reading& at) {
  const store::journal_scheduler& scheduler = in.journal();
  waiting_event made = waiting_on_disk(of, scheduler.droppable(of.sequence), at.unix_us);
  if (scheduler.spilled().is_pending(of.sequence)) made.state = "to_disk";
  return made;
}

json::object disk_busy() {
  return mistake("disk_busy", "the journal is writing these events: ask again");
}

next_place place_after(const store::outbox& of, store::sequence_number after) {
  if (after >= journal::sequence_max) return {};
  std::optional<store::sequence_number> in_memory;
  of.queue().visit_after(after, [&](const store::entry& each) {
    in_memory = each.sequence;
    return false;
  });
  const store::spill& spilled = of.journal().spilled();
  const std::optional<store::sequence_number> in_spill = spilled.events().next(after + 1);
  constexpr store::sequence_number never = journal::sequence_max + 1;
  if (in_memory && (!in_spill || *in_memory < *in_spill)) {
    return {where::memory, *in_memory, in_spill.value_or(never)};
  }
  if (!in_spill) return {};
  return {spilled.is_pending(*in_spill) ? where::pending : where::disk, *in_spill,
          in_memory.value_or(never)};
}

std::optional<journal::journal_job::read_request> disk_read_for(const store::outbox& of,
                                                                store::sequence_number after,
                                                                std::size_t events_max,
                                                                std::size_t bytes_max) {
  const next_place place = place_after(of, after);
  if (place.at != where::disk) return std::nullopt;
  return journal::journal_job::read_request{place.first,
                                            {std::max<std::size_t>(events_max, 1), bytes_max}};
}

json::object fill_page(page_request asked, const store::outbox& of, const clock_reading& at,
                       const journal::backlog_events* on_disk) {
  const next_place place = place_after(of, asked.after);
  const store::spill& spilled = of.journal().spilled();
  store::sequence_number last = asked.after;
  bool is_full = false;
  const auto add = [&](const waiting_event& each) {
    is_full = is_full || !asked.page.add(each);
    if (!is_full) last = each.sequence;
    return !is_full;
  };
  switch (place.at) {
    case where::nowhere: break;
    case where::memory:
      of.queue().visit_after(asked.after, [&](const store::entry& each) {
        return each.sequence < place.end && add(waiting_in_memory(each, of, at));
      });
      break;
    case where::pending:
      spilled.visit_pending(place.first, [&](const journal::event_record& each) {
        return each.sequence < place.end && add(waiting_in_spill(each, of, at));
      });
      break;
    case where::disk: {
      if (on_disk == nullptr || place.first >= spilled.disk_end()) return disk_busy();
      // Of what was read, some may have gone to memory since, or be dropped.
      journal::for_each_record(on_disk->events.bytes(), [&](const journal::record_header& header,
                                                            protocol::const_bytes record) {
        const bool is_there = header.sequence > asked.after && header.sequence < place.end &&
                              spilled.events().contains(header.sequence);
        if (is_there) add(waiting_in_spill(*journal::decode_event(record), of, at));
      });
      asked.page.add_unreadable(on_disk->lost.intersection(spilled.events()).count());
      const store::sequence_number read_to = on_disk->at_end ? spilled.disk_end() : on_disk->next;
      if (!is_full) last = std::max(last, std::min(read_to, place.end) - 1);
      break;
    }
  }
  const bool is_end = place_after(of, last).at == where::nowhere;
  return std::move(asked.page)
      .done(is_end ? std::nullopt : std::optional(last), of.queue().last_sequence());
}

}  // namespace vibes::admin
