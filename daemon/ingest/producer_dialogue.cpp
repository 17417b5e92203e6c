#include "daemon/ingest/producer_dialogue.hpp"

#include <utility>

namespace vibes::ingest {

producer_dialogue::producer_dialogue(const dialogue_limits& limits, event_scanner& scanner)
    : limits_(limits), scanner_(scanner) {}

producer_dialogue::verdict producer_dialogue::on_line(const framed_line& line) {
  switch (line.what) {
    case framed_line::kind::too_long:
      first_line_ = false;
      return refuse(ingest_errc::line_too_long);
    case framed_line::kind::given_up:
      first_line_ = false;
      return refuse(ingest_errc::partial_lines_full);
    case framed_line::kind::complete: break;
  }
  if (line.text.find_first_not_of(" \t\r") == std::string_view::npos) return ignored{};

  const bool first = std::exchange(first_line_, false);
  const result<scanned_event> scanned = scanner_.scan(line.text);
  if (first && scanner_.saw_hello_key()) return greet(line.text);
  if (!scanned) {
    const auto code = static_cast<ingest_errc>(scanned.error().value());
    const bool hello = code == ingest_errc::missing_type && scanner_.saw_hello_key();
    return refuse(hello ? ingest_errc::late_hello : code);
  }
  return event{count_line(), *scanned, line.text};
}

producer_dialogue::verdict producer_dialogue::greet(std::string_view line) {
  const result<ack_level> wanted = parse_hello(line);
  const bool durable = wanted && *wanted == ack_level::durable;
  if (!wanted || (durable && !limits_.durable_available)) {
    const ingest_errc code = durable ? ingest_errc::durable_unavailable : ingest_errc::bad_hello;
    level_ = ack_level::received;  // it asked for answers, so it gets this one
    append_hello_error(output_, code);
    return hang_up{code};
  }
  level_ = *wanted;
  append_hello_answer(output_, {limits_.version, level_, limits_.event_bytes_max});
  return greeted{level_};
}

producer_dialogue::verdict producer_dialogue::refuse(ingest_errc code) {
  const std::uint64_t line = count_line();
  lost(line, code);
  return refused{line, code};
}

std::uint64_t producer_dialogue::count_line() {
  return answering() ? tracker_.count_line() : ++unanswered_lines_;
}

void producer_dialogue::received(std::uint64_t line) {
  if (answering() && level_ == ack_level::received) tracker_.settle(line);
}

void producer_dialogue::durable(std::span<const std::uint64_t> lines) {
  if (answering() && level_ == ack_level::durable) tracker_.settle(lines);
}

void producer_dialogue::committed(std::span<const std::uint64_t> lines) {
  if (answering() && level_ != ack_level::received) tracker_.settle(lines);
}

void producer_dialogue::lost(std::span<const std::uint64_t> lines, ingest_errc code) {
  if (!answering()) return;
  for (const std::uint64_t line : lines) append_error(output_, line, code);
  tracker_.settle(lines);
}

std::string_view producer_dialogue::pending_output() {
  if (written_ == output_.size()) {
    output_.clear();
    written_ = 0;
    if (answering()) {
      if (const auto mark = tracker_.take_cumulative()) append_ack(output_, *mark);
    }
  }
  return std::string_view(output_).substr(written_);
}

void producer_dialogue::wrote(std::size_t bytes) {
  constexpr std::size_t kept_max = 4'096;
  written_ += bytes;
  if (written_ == output_.size() && output_.capacity() > kept_max) {
    output_ = {};
    written_ = 0;
  }
}

void producer_dialogue::end_answers() {
  if (!answering()) return;
  unanswered_lines_ = tracker_.counted();
  answers_ended_ = true;
  output_ = {};
  written_ = 0;
}

bool producer_dialogue::answers_overflowed() const noexcept {
  return output_.size() - written_ > limits_.pending_answers_bytes_max;
}

}  // namespace vibes::ingest
