#pragma once

#include <functional>
#include <vector>

#include "daemon/admin/intake_counters.hpp"
#include "daemon/base/time.hpp"
#include "daemon/ingest/event_scanner.hpp"
#include "daemon/ingest/producer_dialogue.hpp"
#include "daemon/io/producers/producer_registry.hpp"
#include "daemon/store/message_id_source.hpp"
#include "daemon/store/outbox.hpp"

namespace vibes::io {

/// A line that became no event. The text lives as long as the call.
struct refused_line {
  store::event_origin from;
  ingest::ingest_errc code = ingest::ingest_errc::invalid_json;
  std::uint64_t line = 0;  // of the connection; 0: the hello
  std::string_view text;   // all of it, or its head
  std::uint64_t whole_bytes = 0;
  std::uint64_t unix_us = 0;
};

/// What all connections share. Lives as long as the loop.
struct intake {
  /// Also the byte budget of a turn: after one read the next connection is served.
  static constexpr std::size_t read_bytes_per_turn = 65'536;

  store::outbox& outbox;
  producer_registry& registry;
  admin::intake_counters& counters;
  ingest::event_scanner& scanner;
  store::message_id_source& ids;
  ingest::dialogue_limits dialogue;
  std::size_t partial_lines_bytes_max = 64 << 20;  // half-read lines of all connections together
  duration answer_wait = std::chrono::seconds(60);
  std::function<void()> work_arrived;  // the queue has something new
  std::function<void(const refused_line&)> line_refused;

  /// One buffer serves all connections: an idle one holds no memory for reading.
  std::vector<char> read_buffer = std::vector<char>(read_bytes_per_turn);
};

}  // namespace vibes::io
