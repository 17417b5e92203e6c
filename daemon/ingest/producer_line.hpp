#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/ingest/errc.hpp"

namespace vibes::ingest {

/// How much a producer wants to hear about its events.
enum class ack_level : std::uint8_t {
  silent,     // nothing: it sent no hello and is never written to
  received,   // in the replay queue
  durable,    // on disk; needs the journal
  committed,  // acknowledged by Iggy
};

std::string_view to_string(ack_level) noexcept;

/// The level a hello line asks for; bad_hello for anything but
/// {"vibes_ingest":{"ack":"received" | "durable" | "committed"}}.
result<ack_level> parse_hello(std::string_view line);

struct hello_answer {
  std::string_view version;
  ack_level level = ack_level::received;
  std::size_t event_bytes_max = 0;
};

// Each appends one line with its LF.
void append_hello_answer(std::string& to, const hello_answer&);
void append_ack(std::string& to, std::uint64_t cumulative);
void append_error(std::string& to, std::uint64_t line, ingest_errc);
/// An error about the hello itself, which is not a counted line.
void append_hello_error(std::string& to, ingest_errc);

}  // namespace vibes::ingest
