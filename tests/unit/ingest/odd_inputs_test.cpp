#include "tests/unit/ingest/odd_inputs.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <set>

#include "daemon/ingest/producer_dialogue.hpp"

// The tables of odd_events.cpp and odd_bytes.cpp, each row between two good events.

namespace vibes::test {
namespace {

using ingest::producer_dialogue;
using outcomes = std::vector<std::string>;

constexpr std::string_view good_before = R"({"type":"hook","session_id":"before"})";
constexpr std::string_view good_after = R"({"type":"hook","session_id":"after"})";

std::vector<odd_input> all_odd_inputs() {
  std::vector<odd_input> all = odd_events();
  for (odd_input& each : odd_bytes()) all.push_back(std::move(each));
  return all;
}

std::string stream_of(const odd_input& input) {
  return std::string(good_before) + '\n' + input.bytes + '\n' + std::string(good_after) + '\n';
}

outcomes expected_of(const odd_input& input) {
  outcomes all = {"hook of before"};
  all.insert(all.end(), input.outcomes.begin(), input.outcomes.end());
  all.push_back("hook of after");
  return all;
}

/// A connection with nothing behind it: every event finds room.
class connection {
 public:
  void receive(std::string_view stream, std::size_t piece_bytes) {
    for (std::size_t at = 0; at < stream.size(); at += piece_bytes) {
      framer_.feed(stream.substr(at, piece_bytes));
      while (const auto line = framer_.next()) take(*line);
    }
    if (const auto line = framer_.finish()) take(*line);
  }

  const outcomes& seen() const { return seen_; }
  const std::vector<std::string>& forwarded() const { return forwarded_; }

  std::string answers() {
    std::string all;
    for (std::string_view due = dialogue_.pending_output(); !due.empty();
         due = dialogue_.pending_output()) {
      all += due;
      dialogue_.wrote(due.size());
    }
    return all;
  }

 private:
  void take(const ingest::framed_line& line) {
    const producer_dialogue::verdict verdict = dialogue_.on_line(line);
    if (const auto* event = std::get_if<producer_dialogue::event>(&verdict)) {
      seen_.push_back(std::string(event->what.type) + " of " +
                      std::string(event->what.session_key));
      forwarded_.emplace_back(event->text);
      dialogue_.received(event->line);
    } else if (const auto* refused = std::get_if<producer_dialogue::refused>(&verdict)) {
      seen_.emplace_back(ingest::code_name(refused->code));
    } else if (std::holds_alternative<producer_dialogue::ignored>(verdict)) {
      seen_.emplace_back("ignored");
    } else {
      seen_.emplace_back(std::holds_alternative<producer_dialogue::greeted>(verdict) ? "greeted"
                                                                                     : "hang up");
    }
  }

  ingest::dialogue_limits limits_{.event_bytes_max = odd_line_bytes_max, .version = "0.0.0"};
  ingest::event_scanner scanner_{ingest::schema_mode::lenient};
  ingest::line_framer framer_{odd_line_bytes_max};
  producer_dialogue dialogue_{limits_, scanner_};
  outcomes seen_;
  std::vector<std::string> forwarded_;
};

TEST_CASE("The table of odd inputs is long and names each row once", "[odd_inputs]") {
  std::set<std::string> names;
  for (const odd_input& each : all_odd_inputs()) {
    CAPTURE(each.name);
    CHECK(names.insert(each.name).second);
  }
  CHECK(names.size() >= 100);
}

TEST_CASE("An odd input has its stated outcome and costs no neighbour", "[odd_inputs]") {
  for (const odd_input& each : all_odd_inputs()) {
    const std::string stream = stream_of(each);
    for (const std::size_t piece_bytes : {stream.size(), std::size_t{1}, std::size_t{7}}) {
      CAPTURE(each.name, piece_bytes);
      connection producer;
      producer.receive(stream, piece_bytes);
      CHECK(producer.seen() == expected_of(each));
      REQUIRE(producer.forwarded().size() >= 2);
      CHECK(producer.forwarded().front() == good_before);
      CHECK(producer.forwarded().back() == good_after);
      CHECK(producer.answers().empty());  // a silent producer is never written to
    }
  }
}

TEST_CASE("An odd input at the end of the stream needs no line end", "[odd_inputs]") {
  for (const odd_input& each : all_odd_inputs()) {
    CAPTURE(each.name);
    connection producer;
    producer.receive(std::string(good_before) + '\n' + each.bytes, 1'000);
    outcomes expected = expected_of(each);
    expected.pop_back();
    // Nothing between the last line end and the end of the stream is no line.
    if (each.bytes.empty() || each.bytes.ends_with('\n')) expected.pop_back();
    CHECK(producer.seen() == expected);
  }
}

/// The answers to lines of these outcomes, all of which came at once.
std::vector<std::string> expected_answers(const outcomes& lines) {
  std::vector<std::string> answers = {"hello"};
  std::size_t counted = 0;
  for (const std::string& outcome : lines) {
    if (outcome == "ignored") continue;
    ++counted;
    if (outcome.find(" of ") != outcome.npos) continue;
    answers.push_back(std::to_string(counted) + " " + outcome);
  }
  answers.push_back("ack " + std::to_string(counted));
  return answers;
}

std::string short_form(std::string_view answer) {
  const auto parsed = boost::json::parse(boost::json::string_view(answer.data(), answer.size()));
  const auto& object = parsed.as_object();
  if (object.contains("vibes_ingest")) return "hello";
  if (const auto* ack = object.if_contains("ack")) return "ack " + std::to_string(ack->as_int64());
  const auto& error = object.at("error");
  return std::to_string(error.at("line").as_int64()) + " " + error.at("code").as_string().c_str();
}

TEST_CASE("Who asked for answers gets each odd line's code and then one ack", "[odd_inputs]") {
  for (const odd_input& each : all_odd_inputs()) {
    CAPTURE(each.name);
    connection producer;
    producer.receive(R"({"vibes_ingest":{"ack":"received"}})"
                     "\n" +
                         stream_of(each),
                     65'536);
    const std::string answers = producer.answers();
    REQUIRE(answers.ends_with('\n'));
    std::vector<std::string> seen;
    for (std::string_view rest = answers; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
      seen.push_back(short_form(rest.substr(0, rest.find('\n'))));
    }
    CHECK(seen == expected_answers(expected_of(each)));
  }
}

}  // namespace
}  // namespace vibes::test
