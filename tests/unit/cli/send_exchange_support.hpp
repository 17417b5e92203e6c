#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "daemon/cli/send_exchange.hpp"

namespace vibes::test {

using namespace std::chrono_literals;
using cli::send_exchange;

constexpr time_point start{1h};
inline const std::string greeting = R"({"vibes_ingest":{"version":"0","ack":"received"}})"
                                    "\n";

inline std::string ack(std::uint64_t line) {
  return "{\"ack\":" + std::to_string(line) + "}\n";
}
inline std::string refusal(std::uint64_t line) {
  return "{\"error\":{\"line\":" + std::to_string(line) + ",\"code\":\"invalid_json\"}}\n";
}

/// An exchange, and a socket that takes all at once.
struct exchange_with {
  time_point now = start;
  send_exchange it;

  explicit exchange_with(const std::string& level) : it(level, 1s, start) {}

  std::string write_all() {
    const std::string out(it.output());
    it.wrote(out.size(), now);
    return out;
  }
  void greet() {
    write_all();
    it.received(greeting, now);
  }
  void end_input() {
    it.input_ended(now);
    write_all();
    REQUIRE(it.closes_writing());
    it.writing_closed(now);
  }
};

}  // namespace vibes::test
