#pragma once

#include <optional>

#include "daemon/admin/queue_answers.hpp"
#include "daemon/store/outbox.hpp"

// A daemon's queue has three places: memory, what waits for the journal, and the disk.

namespace vibes::admin {

/// For ages: of what was taken by this process and stayed in memory by one clock, of all else by
/// the other.
struct clock_reading {
  clock_reading(time_point steady, std::uint64_t unix = 0) : now(steady), unix_us(unix) {}
  time_point now;
  std::uint64_t unix_us;
};

/// Where the event is that comes next behind a sequence. A page has events of one place.
struct next_place {
  enum class where : std::uint8_t { nowhere, memory, pending, disk };
  where at = where::nowhere;
  store::sequence_number first = 0;
  store::sequence_number end = 0;  // from here on it is another place's turn
};
next_place place_after(const store::outbox&, store::sequence_number after);

/// What has to be read from the disk first, if anything, to answer with the page behind `after`.
std::optional<journal::journal_job::read_request> disk_read_for(const store::outbox&,
                                                                store::sequence_number after,
                                                                std::size_t events_max,
                                                                std::size_t bytes_max);

/// The page. `on_disk`: what disk_read_for wanted, as it was read since; the queue may have moved
/// on. Without it only memory is seen, and what waits for the journal.
boost::json::object fill_page(page_request, const store::outbox&, const clock_reading&,
                              const journal::backlog_events* on_disk);

/// How long ago it was taken, by whatever process. Of an event that came back from the tail at
/// least as long as it is back: the wall clock may have been set meanwhile.
std::uint64_t age_ms(const store::entry&, const clock_reading&);
/// Of the oldest event of the queue, in memory or on disk; 0 when it is empty. Of one that is on
/// disk only and was not read yet, at most that.
std::uint64_t oldest_age_ms(const store::outbox&, const clock_reading&);

waiting_event waiting_in_memory(const store::entry&, const store::outbox&, const clock_reading&);
waiting_event waiting_in_spill(const journal::event_record&, const store::outbox&,
                               const clock_reading&);

/// The journal is writing this very moment what it could not write before.
boost::json::object disk_busy();

}  // namespace vibes::admin
