#include <catch2/catch.hpp>
#include <random>

#include "tests/support/seed.hpp"
#include "tests/unit/ingest/dialogue_support.hpp"

// What is answered, in what order, and how much of it may wait.

namespace vibes::test {
namespace {

using ingest::ingest_errc;

TEST_CASE("What is on disk is an answer at the level durable only", "[dialogue]") {
  for (const char* const level : {"received", "durable", "committed"}) {
    CAPTURE(level);
    told_dialogue producer({.event_bytes_max = 1'000,
                            .pending_answers_bytes_max = 500,
                            .durable_available = true,
                            .version = "0.0.0"});
    producer.greet(level);
    producer.good();
    producer.dialogue.durable(1);
    CHECK(producer.read_all() == (std::string(level) == "durable" ? ack_text(1) : ""));
    producer.dialogue.committed(1);  // after it was told: nothing more to say
    CHECK(producer.read_all() == (std::string(level) == "committed" ? ack_text(1) : ""));
  }
}

TEST_CASE("Each level is reached by its own step and no other", "[producer_answers]") {
  const struct {
    const char* level;
    bool received;
    bool committed;
  } cases[] = {{"received", true, false}, {"durable", false, true}, {"committed", false, true}};
  for (const auto& each : cases) {
    CAPTURE(each.level);
    told_dialogue producer({.durable_available = true, .version = "0.0.0"});
    producer.greet(each.level);
    const std::uint64_t line = producer.good();
    CHECK_FALSE(producer.dialogue.settled());
    CHECK(producer.read_all().empty());
    producer.dialogue.received(line);
    CHECK(producer.dialogue.settled() == each.received);
    CHECK(producer.read_all() == (each.received ? ack_text(1) : ""));
    producer.dialogue.committed(line);
    CHECK(producer.dialogue.settled());
    CHECK(producer.read_all() == (each.committed ? ack_text(1) : ""));
  }
}

TEST_CASE("One ack stands for all that settled together", "[producer_answers]") {
  told_dialogue producer;
  producer.greet("committed");
  for (int i = 0; i < 1'000; ++i) producer.good();
  for (std::uint64_t line = 1'000; line > 1; --line) producer.dialogue.committed(line);
  CHECK(producer.read_all().empty());
  producer.dialogue.committed(1);
  CHECK(producer.read_all() == ack_text(1'000));
  CHECK(producer.read_all().empty());
}

TEST_CASE("An error stands before the ack that covers its line", "[producer_answers]") {
  told_dialogue producer;
  producer.greet("committed");
  producer.good();
  producer.line("?");
  producer.good();
  // The refused line is known at once; the ack over it has to wait for the line before.
  CHECK(producer.read_all() == error_text(2, ingest_errc::invalid_json));
  producer.dialogue.committed(3);
  CHECK(producer.read_all().empty());
  producer.dialogue.lost(1, ingest_errc::refused_by_iggy);
  CHECK(producer.dialogue.settled());
  CHECK(producer.read_all() == error_text(1, ingest_errc::refused_by_iggy) + ack_text(3));
}

TEST_CASE("Errors come in the order in which they happened", "[producer_answers]") {
  told_dialogue producer;
  producer.greet("received");
  producer.cut_line(ingest::framed_line::kind::too_long);
  producer.good();
  producer.line("[]");
  producer.dialogue.lost(2, ingest_errc::dropped_by_overflow);
  CHECK(producer.read_all() == error_text(1, ingest_errc::line_too_long) +
                                   error_text(3, ingest_errc::not_an_object) +
                                   error_text(2, ingest_errc::dropped_by_overflow) + ack_text(3));
}

TEST_CASE("An event lost after it was received is told without a second ack",
          "[producer_answers]") {
  told_dialogue producer;
  producer.greet("received");
  producer.dialogue.received(producer.good());
  CHECK(producer.read_all() == ack_text(1));
  producer.dialogue.lost(1, ingest_errc::stopping);
  CHECK(producer.read_all() == error_text(1, ingest_errc::stopping));
  CHECK(producer.dialogue.settled());
}

TEST_CASE("While an answer is half written, marks add up to one ack", "[producer_answers]") {
  told_dialogue producer;
  producer.greet("received");
  producer.dialogue.received(producer.good());
  CHECK(producer.dialogue.pending_output() == ack_text(1));
  producer.dialogue.wrote(3);
  for (int i = 0; i < 50; ++i) producer.dialogue.received(producer.good());
  CHECK(producer.read_once() == ack_text(1).substr(3));
  CHECK(producer.read_once() == ack_text(51));
  CHECK(producer.read_once().empty());
}

TEST_CASE("The answer to the hello is first, whatever came behind it", "[producer_answers]") {
  told_dialogue producer;
  producer.hello("received");
  producer.line("?");
  producer.dialogue.received(producer.good());
  const std::string all = producer.read_all();
  CHECK(all == R"({"vibes_ingest":{"version":"0.0.0","ack":"received","max_event_bytes":1000}})"
               "\n" +
                   error_text(1, ingest_errc::invalid_json) + ack_text(2));
}

TEST_CASE("Answers that nobody reads pass the limit by one byte and are too many",
          "[producer_answers]") {
  const std::size_t size = error_text(1, ingest_errc::invalid_json).size();
  for (const std::size_t limit : {3 * size, 3 * size - 1}) {
    CAPTURE(limit);
    told_dialogue producer({.pending_answers_bytes_max = limit, .version = "0.0.0"});
    producer.greet("received");
    for (int i = 0; i < 2; ++i) producer.line("?");
    CHECK_FALSE(producer.dialogue.answers_overflowed());
    producer.line("?");
    CHECK(producer.dialogue.answers_overflowed() == (limit < 3 * size));
    CHECK(producer.dialogue.pending_output().size() == 3 * size);
    producer.dialogue.wrote(1);
    CHECK_FALSE(producer.dialogue.answers_overflowed());
  }
}

TEST_CASE("Acks that nobody reads never overflow", "[producer_answers]") {
  told_dialogue producer({.pending_answers_bytes_max = ack_text(1).size(), .version = "0.0.0"});
  producer.greet("received");
  for (int i = 0; i < 10'000; ++i) {
    producer.dialogue.received(producer.good());
    producer.dialogue.pending_output();
    REQUIRE_FALSE(producer.dialogue.answers_overflowed());
  }
  CHECK(producer.read_all() == ack_text(1) + ack_text(10'000));
}

TEST_CASE("Answers are the same however few bytes a write takes", "[producer_answers]") {
  std::mt19937_64 random(random_seed());
  told_dialogue at_once({.version = "0.0.0"});
  at_once.greet("received");
  std::string expected;
  for (int i = 0; i < 300; ++i) at_once.line("?");
  expected = at_once.read_all();
  told_dialogue in_parts({.version = "0.0.0"});
  in_parts.greet("received");
  for (int i = 0; i < 300; ++i) in_parts.line("?");
  std::string seen;
  for (auto due = in_parts.dialogue.pending_output(); !due.empty();
       due = in_parts.dialogue.pending_output()) {
    const std::size_t size = std::min<std::size_t>(1 + random() % 40, due.size());
    seen += due.substr(0, size);
    in_parts.dialogue.wrote(size);
  }
  CHECK(seen == expected);
  CHECK(seen.ends_with(ack_text(300)));
}

TEST_CASE("Lines are counted on when nobody hears of them any more", "[producer_answers]") {
  for (const char* level : {"received", "durable", "committed"}) {
    CAPTURE(level);
    told_dialogue producer({.durable_available = true, .version = "0.0.0"});
    producer.greet(level);
    const std::uint64_t first = producer.good();
    producer.line("?");
    CHECK_FALSE(producer.dialogue.settled());
    producer.dialogue.end_answers();
    CHECK_FALSE(producer.dialogue.answering());
    CHECK(producer.dialogue.settled());
    CHECK(producer.dialogue.pending_output().empty());
    CHECK(producer.good() == 3);
    CHECK(in_words(producer.line("?")) == "refused 4 invalid_json");
    // What becomes of the earlier ones comes late, and is told to nobody.
    producer.dialogue.received(first);
    producer.dialogue.durable(first);
    producer.dialogue.committed(first);
    producer.dialogue.lost(3, ingest_errc::stopping);
    CHECK(producer.dialogue.pending_output().empty());
    CHECK_FALSE(producer.dialogue.answers_overflowed());
    CHECK(to_string(producer.dialogue.level()) == level);
  }
}

TEST_CASE("A silent producer has no answers that could end", "[producer_answers]") {
  told_dialogue producer;
  CHECK(producer.good() == 1);
  producer.dialogue.end_answers();
  CHECK(producer.good() == 2);
  CHECK(producer.dialogue.silent());
}

}  // namespace
}  // namespace vibes::test
