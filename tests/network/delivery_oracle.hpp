#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vibes::test {

/// One event as a broker has it.
struct stored_event {
  std::uint64_t stored_us = 0;
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;
  std::pair<std::uint64_t, std::uint64_t> id;
  std::string payload;
};

/// The line of a session's event with this number: the same bytes every time, of sizes from a
/// hundred bytes to some kilobytes.
std::string event_line(std::string_view session, std::uint64_t number);

/// Holds what was written to what is stored. Without I/O.
class delivery_oracle {
 public:
  /// The session's next event; returns its line.
  std::string write(const std::string& session);

  /// What is wrong with what is stored, a sentence each, nothing when all is well: every event
  /// written is there, byte for byte, and the first time that each is there they come in the order
  /// written; what is there twice has one id. At most `findings_max`.
  std::vector<std::string> findings(const std::vector<stored_event>&) const;

  /// How many events are there again, those of some sessions left out.
  static std::uint64_t repeated(const std::vector<stored_event>&,
                                const std::set<std::string>& but_not_of = {});

 private:
  static constexpr std::size_t findings_max = 10;
  std::map<std::string, std::uint64_t> written_;
};

/// The session that a line of event_line() names; empty for any other line.
std::string session_of(std::string_view line);

}  // namespace vibes::test
