#pragma once

#include <string>

#include "daemon/journal/journal.hpp"
#include "tests/unit/journal/fake_file_system.hpp"

namespace vibes::test {

inline constexpr std::uint64_t writer = 0x1122'3344'5566'7788;
inline constexpr std::uint64_t wall_clock_us = 1'700'000'000'000'000;

inline journal::event_record event_of(std::uint64_t sequence, const std::string& payload) {
  return {sequence,
          {sequence * 3, sequence * 5},
          static_cast<protocol::session_hash>(sequence * 7),
          wall_clock_us + sequence,
          std::as_bytes(std::span(payload))};
}

/// The payload that tests give an event when they do not care.
inline std::string text_for(std::uint64_t sequence) {
  return "{\"type\":\"test\",\"n\":" + std::to_string(sequence) + "}";
}

inline journal::record_group group_of(std::uint64_t first, std::uint64_t last) {
  journal::record_group group;
  for (std::uint64_t each = first; each <= last; ++each) group.add(event_of(each, text_for(each)));
  return group;
}

inline journal::sequence_set set_of(std::initializer_list<journal::sequence_range> ranges) {
  journal::sequence_set made;
  for (const journal::sequence_range& each : ranges) made.add(each);
  return made;
}

inline journal::recorded_batch batch_of(std::initializer_list<journal::sequence_range> events) {
  journal::recorded_batch made;
  made.partition = 3;
  made.generation = 5;
  made.producer_id = 0x1234'5678'9abc;
  made.epoch = 2;
  made.base_sequence = 77;
  made.events = set_of(events);
  return made;
}

/// An event that was read back.
struct read_event {
  std::uint64_t sequence = 0;
  protocol::message_id id;
  protocol::session_hash session = 0;
  std::uint64_t origin_time_us = 0;
  std::string payload;
  friend bool operator==(const read_event&, const read_event&) = default;
};

inline read_event expected_event(std::uint64_t sequence, const std::string& payload) {
  const journal::event_record made = event_of(sequence, payload);
  return {sequence, made.id, made.session, made.origin_time_us, payload};
}

inline void take_events(const journal::backlog_events& read, std::vector<read_event>& to) {
  journal::for_each_record(
      read.events.bytes(), [&](const journal::record_header&, protocol::const_bytes record) {
        const journal::event_record each = *journal::decode_event(record);
        to.push_back({each.sequence,
                      each.id,
                      each.session,
                      each.origin_time_us,
                      {reinterpret_cast<const char*>(each.payload.data()), each.payload.size()}});
      });
}

/// Everything live, a few events at a time.
inline std::vector<read_event> read_all(journal::journal& from,
                                        journal::read_limits limits = {7, 900}) {
  std::vector<read_event> all;
  std::uint64_t next = 1;
  while (true) {
    const auto read = from.read(next, limits);
    if (!read) throw std::runtime_error("reading back: " + read.error().message());
    take_events(*read, all);
    next = read->next;
    if (read->at_end) return all;
  }
}

inline std::vector<std::uint64_t> sequences_in(const std::vector<read_event>& events) {
  std::vector<std::uint64_t> found;
  for (const read_event& each : events) found.push_back(each.sequence);
  return found;
}

/// Small enough that everything happens often.
inline journal::journal_limits small_limits() {
  return {64 << 10, 2 << 10, 8 << 10};
}

}  // namespace vibes::test
