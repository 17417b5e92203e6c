#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "config/command_line.hpp"

namespace vibes::test {

inline config::command parse(std::vector<const char*> words) {
  words.insert(words.begin(), "vibes-ingestd");
  return config::parse_command_line(static_cast<int>(words.size()), words.data());
}

/// The options of the command that these words must mean.
template <class Options>
Options parsed(const std::vector<const char*>& words) {
  const config::command got = parse(words);
  if (const auto* const ended = std::get_if<config::exit_now>(&got)) {
    if constexpr (!std::is_same_v<Options, config::exit_now>) FAIL(ended->out + ended->err);
  }
  REQUIRE(std::holds_alternative<Options>(got));
  return std::get<Options>(got);
}

}  // namespace vibes::test
