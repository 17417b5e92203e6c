#pragma once

#include <optional>

#include "daemon/base/time.hpp"
#include "daemon/journal/journal.hpp"

namespace vibes::store {

struct space_settings {
  journal::journal_limits journal;
  std::size_t job_bytes_max = 0;
  duration full_wait{};  // before a full journal is tried again
};

/// What the release of an older event and a new segment's beginning add to a new event.
inline constexpr std::uint64_t place_overhead_bytes = 64;

/// What a new event with this payload takes of the disk, at most.
constexpr std::uint64_t disk_place_of(std::size_t payload_size) noexcept {
  return journal::event_overhead_bytes + payload_size + place_overhead_bytes;
}

/// The journal's room as far as it is known here: what events may still take, whether the journal
/// has refused some, and what older events have to make room for (docs/journal-format.md, "Space").
///
/// No I/O, no clock.
class disk_space {
 public:
  explicit disk_space(const space_settings& settings) noexcept : settings_(settings) {}

  const journal::journal_usage& usage() const noexcept { return usage_; }
  /// What events may still take on the disk. Bytes that are not live count too, as long as moving
  /// what is live would not pay.
  std::uint64_t free_bytes() const noexcept;
  /// The journal takes the events of a job whole or not at all. Near its cap it lends room for
  /// little at a time, so more at once would be refused whatever is dropped for it.
  std::size_t job_bytes_max() const noexcept;
  /// While this run has found more than the journal may hold.
  bool is_over_its_limit() const noexcept { return usage_.bytes_cap > settings_.journal.bytes_max; }
  /// How many events a segment of the journal holds: so many have to go before there is room, when
  /// the journal has none to lend.
  std::uint64_t events_in_a_segment() const noexcept;

  // What was dropped for newer events.
  std::uint64_t dropped_bytes() const noexcept { return dropped_bytes_; }
  /// Whether a new event may take the place of those that were dropped for newer ones: the journal
  /// lends it room until their segments have gone.
  bool has_place_of_dropped(std::size_t payload_size) const noexcept {
    return dropped_bytes_ >= disk_place_of(payload_size);
  }
  /// An event of memory was dropped. Also when it was not written yet: then it need not be.
  void note_dropped(std::size_t payload_size) noexcept {
    dropped_bytes_ += journal::event_overhead_bytes + payload_size;
  }
  /// Events of the disk were dropped.
  void note_dropped_on_disk(std::uint64_t events) noexcept {
    dropped_bytes_ += events * bytes_of_an_event();
  }
  /// A new event was taken. `beyond_room`: it has the place of dropped ones; otherwise there is
  /// room, and none of theirs is needed.
  void note_taken(std::size_t payload_size, bool beyond_room) noexcept;

  // Making room.
  /// The next job tries again what was refused: as much as that was dropped.
  void try_again() noexcept;
  /// Events were settled to make room on disk: the next job is to do that.
  void make_room() noexcept;
  /// That is not done yet.
  bool makes_room() const noexcept { return making_ != making::nothing; }
  /// The next job is to release what was settled, and to sync.
  bool wants_releases() const noexcept { return wants_releases_; }

  // Jobs.
  void job_begins(bool releases) noexcept;
  void job_ends() noexcept;
  void update(const journal::journal_usage& usage) noexcept { usage_ = usage; }

  // A full journal.
  bool is_full() const noexcept { return is_full_; }
  /// A closing job found no room either, and nothing will change that any more.
  bool is_full_for_good() const noexcept { return is_full_ && closing_found_none_; }
  /// When a full journal is tried again.
  std::optional<time_point> try_at() const noexcept {
    return is_full_ ? std::optional(full_until_) : std::nullopt;
  }
  /// Whether a job may have records. A full journal is tried again after a while, and by a stop.
  bool may_write(time_point now, bool closing) noexcept;
  /// The journal had no room for what it was given. True when a closing job finds that for the
  /// first time.
  bool refused(bool closing, time_point now) noexcept;
  /// A job went well: whether there may be room for what was refused.
  void reconsider(time_point now) noexcept;
  /// The disk failed: what is there then is found by opening it again.
  void disk_failed() noexcept { is_full_ = false; }

 private:
  enum class making : std::uint8_t { nothing, with_next_job, with_this_job };

  std::uint64_t bytes_of_an_event() const noexcept;

  space_settings settings_;
  journal::journal_usage usage_;
  std::uint64_t dropped_bytes_ = 0;  // on disk, about: their place was not taken yet
  making making_ = making::nothing;
  bool wants_releases_ = false;
  bool is_full_ = false;
  bool closing_found_none_ = false;
  time_point full_until_;
  journal::journal_usage full_usage_;  // when it was full
};

}  // namespace vibes::store
