#include "daemon/ingest/producer_dialogue.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/ingest/dialogue_support.hpp"

// Which line is a hello, which line counts, and as what.

namespace vibes::test {
namespace {

using ingest::ack_level;
using ingest::framed_line;
using ingest::ingest_errc;
using ingest::producer_dialogue;

constexpr const char* event = R"({"type":"hook"})";
constexpr const char* hello = R"({"vibes_ingest":{"ack":"received"}})";

TEST_CASE("A hello is answered with version, level and limit", "[producer_dialogue]") {
  for (const ack_level level : {ack_level::received, ack_level::durable, ack_level::committed}) {
    const std::string name(to_string(level));
    CAPTURE(name);
    told_dialogue producer({.event_bytes_max = 77, .durable_available = true, .version = "9.8.7"});
    CHECK(in_words(producer.hello(name)) == "greeted " + name);
    CHECK(producer.dialogue.level() == level);
    CHECK_FALSE(producer.dialogue.silent());
    CHECK(producer.dialogue.settled());
    CHECK(producer.read_all() == R"({"vibes_ingest":{"version":"9.8.7","ack":")" + name +
                                     R"(","max_event_bytes":77}})" + "\n");
    CHECK(producer.good() == 1);
  }
}

TEST_CASE("Without a journal there is no durable level", "[producer_dialogue]") {
  told_dialogue producer;
  CHECK(in_words(producer.hello("durable")) == "hang up durable_unavailable");
  CHECK_FALSE(producer.dialogue.silent());  // or nobody would write the answer
  CHECK(producer.read_all() == error_text(0, ingest_errc::durable_unavailable));
}

TEST_CASE("A bad hello is answered, then it is over", "[producer_dialogue]") {
  for (const char* line : {
           R"({"vibes_ingest":{"ack":"everything"}})",
           R"({"vibes_ingest":{"ack":"silent"}})",
           R"({"vibes_ingest":{"ack":"received","more":1}})",
           R"({"vibes_ingest":{}})",
           R"({"vibes_ingest":null})",
           R"({"vibes_ingest":{"ack":"received"},"type":"hook"})",
           R"({"type":"hook","vibes_ingest":{"ack":"received"}})",
           R"({"type":1,"vibes_ingest":1})",
           R"({"vibes_ingest":{"ack":"received"})",
           R"({"vibes_ingest":{"ack":"received"}} {})",
           R"({"vibes_ingest":)",
           "{\"vibes_ingest\":\"\xff\"}",
       }) {
    CAPTURE(line);
    told_dialogue producer;
    CHECK(in_words(producer.line(line)) == "hang up bad_hello");
    CHECK_FALSE(producer.dialogue.silent());  // or nobody would write the answer
    CHECK(producer.read_all() == error_text(0, ingest_errc::bad_hello));
  }
}

TEST_CASE("Lines before and after decide whether a hello is the first", "[producer_dialogue]") {
  struct step {
    std::string line;
    const char* outcome;
  };
  const struct {
    const char* name;
    std::vector<step> steps;
  } cases[] = {
      {"blanks do not count",
       {{"", "ignored"},
        {" \t\r", "ignored"},
        {hello, "greeted received"},
        {"", "ignored"},
        {event, "event 1"},
        {event, "event 2"}}},
      {"after an event", {{event, "event 1"}, {hello, "refused 2 late_hello"}, {event, "event 3"}}},
      {"after a refused line",
       {{"?", "refused 1 invalid_json"}, {hello, "refused 2 late_hello"}, {event, "event 3"}}},
      {"after a hello",
       {{hello, "greeted received"}, {hello, "refused 1 late_hello"}, {event, "event 2"}}},
      {"a bad one, late", {{event, "event 1"}, {R"({"vibes_ingest":7})", "refused 2 late_hello"}}},
      {"with a type, late", {{event, "event 1"}, {R"({"type":"x","vibes_ingest":7})", "event 2"}}},
      {"nested, first", {{R"({"type":"x","e":{"vibes_ingest":{"ack":"received"}}})", "event 1"}}},
      {"in an array, first",
       {{R"([{"vibes_ingest":{"ack":"received"}}])", "refused 1 not_an_object"}}},
  };
  for (const auto& each : cases) {
    told_dialogue producer;
    for (const step& next : each.steps) {
      CAPTURE(each.name, next.line);
      CHECK(in_words(producer.line(next.line)) == next.outcome);
    }
  }
}

TEST_CASE("A line that was cut is refused and is the first line too", "[producer_dialogue]") {
  const struct {
    framed_line::kind kind;
    const char* outcome;
  } cases[] = {
      {framed_line::kind::too_long, "refused 1 line_too_long"},
      {framed_line::kind::given_up, "refused 1 partial_lines_full"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.outcome);
    told_dialogue producer;
    CHECK(in_words(producer.cut_line(each.kind)) == each.outcome);
    CHECK(in_words(producer.line(hello)) == "refused 2 late_hello");
    CHECK(in_words(producer.line(event)) == "event 3");
    CHECK(producer.dialogue.silent());
  }
}

TEST_CASE("An event is handed on with its number, its fields and its bytes",
          "[producer_dialogue]") {
  told_dialogue producer;
  const std::string text =
      R"( {"type":"x","session_id":"\u0073","event_id":"00000000-0000-0000-0000-000000000005"} )";
  producer.line("?");
  const auto verdict = producer.line(text);
  const auto* const seen = std::get_if<producer_dialogue::event>(&verdict);
  REQUIRE(seen != nullptr);
  CHECK(seen->line == 2);
  CHECK(seen->text == text);
  CHECK(seen->text.data() == text.data());
  CHECK(seen->what.type == "x");
  CHECK(seen->what.session_key == "s");
  CHECK(seen->what.event_id == protocol::message_id{0, 5});
  CHECK_FALSE(seen->what.known_type);
}

TEST_CASE("A silent producer's lines count, and it never hears of them", "[producer_dialogue]") {
  told_dialogue producer;
  CHECK(producer.good() == 1);
  CHECK(in_words(producer.line("?")) == "refused 2 invalid_json");
  CHECK(producer.good() == 3);
  producer.dialogue.received(1);
  producer.dialogue.committed(1);
  producer.dialogue.lost(3, ingest_errc::dropped_by_overflow);
  CHECK(producer.dialogue.level() == ack_level::silent);
  CHECK(producer.dialogue.settled());
  CHECK(producer.dialogue.pending_output().empty());
  CHECK_FALSE(producer.dialogue.answers_overflowed());
}

TEST_CASE("Only JSON's blanks make a line of blanks", "[producer_dialogue]") {
  for (const char* line : {"", " ", "\t", "\r", " \t \r "}) {
    told_dialogue producer;
    CHECK(in_words(producer.line(line)) == "ignored");
  }
  for (const std::string_view line : {std::string_view("\0", 1), std::string_view("\v"),
                                      std::string_view("\f"), std::string_view("\xc2\xa0")}) {
    CAPTURE(line);
    told_dialogue producer;
    CHECK(in_words(producer.line(line)) == "refused 1 invalid_json");
  }
}

}  // namespace
}  // namespace vibes::test
