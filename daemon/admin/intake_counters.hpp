#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace vibes::admin {

/// What came in over the socket, counted where it happens. Loop thread only.
struct intake_counters {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t connections_cut_off = 0;  // producers that did not read their answers
  std::uint64_t bytes_read = 0;
  std::uint64_t lines_refused = 0;       // sum of refused_by_code
  std::uint64_t unknown_types = 0;       // events of a type outside the list that passed
  std::uint64_t partial_line_bytes = 0;  // held for half-read lines right now
  std::map<std::string, std::uint64_t, std::less<>>
      refused_by_code;                // stable codes of the socket protocol
  std::uint64_t connections_max = 0;  // as many producers are served at a time
  std::uint64_t accept_failures = 0;
  std::string accept_error{};  // why the newest accept failed; empty since one worked

  void refused(std::string_view code) {
    ++lines_refused;
    const auto found = refused_by_code.find(code);
    if (found != refused_by_code.end()) {
      ++found->second;
    } else {
      refused_by_code.emplace(code, 1);
    }
  }
};

/// An open connection, as status shows it.
struct producer_info {
  std::int64_t pid = 0;  // 0: the kernel did not say
  std::int64_t uid = -1;
  std::int64_t gid = -1;
  std::string ack_level;         // "silent", "received", "durable", "committed"
  std::uint64_t events = 0;      // admitted
  std::uint64_t refused = 0;     // lines
  std::uint64_t connection = 0;  // of this run, from 1
};

}  // namespace vibes::admin
