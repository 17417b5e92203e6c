#pragma once

#include <optional>
#include <string>

#include "daemon/ingest/producer_dialogue.hpp"

namespace vibes::test {

/// A dialogue with what it needs around it, and short words for what tests ask of it.
struct told_dialogue {
  ingest::dialogue_limits limits;
  ingest::event_scanner scanner{ingest::schema_mode::lenient};
  ingest::producer_dialogue dialogue{limits, scanner};

  using verdict = ingest::producer_dialogue::verdict;

  explicit told_dialogue(ingest::dialogue_limits with = {.event_bytes_max = 1'000,
                                                         .pending_answers_bytes_max = 500,
                                                         .version = "0.0.0"})
      : limits(std::move(with)) {}

  verdict line(std::string_view text) {
    return dialogue.on_line({ingest::framed_line::kind::complete, text});
  }
  verdict cut_line(ingest::framed_line::kind kind) { return dialogue.on_line({kind, {}}); }

  verdict hello(std::string_view level) {
    return line(R"({"vibes_ingest":{"ack":")" + std::string(level) + R"("}})");
  }
  /// Says hello and takes the answer to it.
  void greet(std::string_view level) {
    hello(level);
    read_all();
  }
  /// The number of a good event.
  std::uint64_t good() {
    return std::get<ingest::producer_dialogue::event>(line(R"({"type":"hook"})")).line;
  }

  /// What is to be written now, all of which the socket takes.
  std::string read_once() {
    const std::string due(dialogue.pending_output());
    dialogue.wrote(due.size());
    return due;
  }
  std::string read_all() {
    std::string all;
    for (std::string due = read_once(); !due.empty(); due = read_once()) all += due;
    return all;
  }
};

inline std::string ack_text(std::uint64_t line) {
  return "{\"ack\":" + std::to_string(line) + "}\n";
}

inline std::string error_text(std::uint64_t line, ingest::ingest_errc code) {
  std::string text;
  ingest::append_error(text, line, code);
  return text;
}

/// What became of a line, as a table states it.
inline std::string in_words(const told_dialogue::verdict& verdict) {
  using dialogue = ingest::producer_dialogue;
  if (const auto* event = std::get_if<dialogue::event>(&verdict)) {
    return "event " + std::to_string(event->line);
  }
  if (const auto* refused = std::get_if<dialogue::refused>(&verdict)) {
    return "refused " + std::to_string(refused->line) + " " +
           std::string(ingest::code_name(refused->code));
  }
  if (const auto* greeted = std::get_if<dialogue::greeted>(&verdict)) {
    return "greeted " + std::string(to_string(greeted->level));
  }
  if (const auto* bad = std::get_if<dialogue::hang_up>(&verdict)) {
    return "hang up " + std::string(ingest::code_name(bad->code));
  }
  return "ignored";
}

}  // namespace vibes::test
