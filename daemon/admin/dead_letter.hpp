#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/result.hpp"
#include "daemon/store/entry.hpp"

namespace vibes::admin {

/// A line that never became an event, or an event that Iggy will not have: what the dead letter
/// file keeps of it (docs/operations.md, "Dead letters").
struct dead_letter {
  std::uint64_t unix_us = 0;
  std::string_view code;    // of the socket protocol
  error_code refused_with;  // an event: Iggy's status, or the wire's own limit
  store::event_origin origin;
  std::uint64_t line = 0;  // of the connection; 0: a hello
  std::optional<store::sequence_number> sequence;
  std::optional<protocol::message_id> id;
  std::string_view payload;       // all of it, or its first bytes
  std::uint64_t whole_bytes = 0;  // more than the payload's: the rest is lost
};

/// No letter needs more besides its payload.
inline constexpr std::size_t dead_letter_frame_bytes_max = 1'024;

/// One line of JSON with its LF. When it would be longer than bytes_max the payload is cut, and
/// marked so. bytes_max is at least dead_letter_frame_bytes_max + 64.
std::string dead_letter_line(dead_letter, std::size_t bytes_max);

struct kept_letter {
  std::string code;
  std::string payload;
  bool truncated = false;
};
/// Nothing for a line that is no dead letter.
std::optional<kept_letter> parse_dead_letter(std::string_view line);

}  // namespace vibes::admin
