#include "daemon/ingest/producer_line.hpp"

#include <catch2/catch.hpp>

namespace vibes::test {
namespace {

using ingest::ack_level;
using ingest::ingest_errc;
using ingest::parse_hello;

TEST_CASE("A hello asks for one of three levels", "[producer_line]") {
  const struct {
    const char* line;
    ack_level level;
  } cases[] = {
      {R"({"vibes_ingest":{"ack":"received"}})", ack_level::received},
      {R"({"vibes_ingest":{"ack":"durable"}})", ack_level::durable},
      {R"({"vibes_ingest":{"ack":"committed"}})", ack_level::committed},
      {R"( { "vibes_ingest" : { "ack" : "received" } } )", ack_level::received},
      {R"({"vibes\u005fingest":{"\u0061ck":"r\u0065ceived"}})", ack_level::received},
  };
  for (const auto& each : cases) {
    CAPTURE(each.line);
    const result<ack_level> parsed = parse_hello(each.line);
    REQUIRE(parsed.has_value());
    CHECK(*parsed == each.level);
  }
}

TEST_CASE("Anything else is a bad hello", "[producer_line]") {
  for (const char* line : {
           "",
           "{}",
           "[]",
           "null",
           R"("vibes_ingest")",
           R"({"type":"hook"})",
           R"({"vibes_ingest":null})",
           R"({"vibes_ingest":{"ack":"everything","ack":"received"}})",
           R"({"vibes_ingest":7,"vibes_ingest":{"ack":"received"}})",
           R"({"vibes_ingest":"received"})",
           R"({"vibes_ingest":["received"]})",
           R"({"vibes_ingest":{}})",
           R"({"vibes_ingest":{"ack":null}})",
           R"({"vibes_ingest":{"ack":1}})",
           R"({"vibes_ingest":{"ack":true}})",
           R"({"vibes_ingest":{"ack":["received"]}})",
           R"({"vibes_ingest":{"ack":""}})",
           R"({"vibes_ingest":{"ack":"silent"}})",
           R"({"vibes_ingest":{"ack":"Received"}})",
           R"({"vibes_ingest":{"ack":"received "}})",
           R"({"vibes_ingest":{"ack":"received\u0000"}})",
           R"({"vibes_ingest":{"ack":"receive"}})",
           R"({"vibes_ingest":{"ack":"everything"}})",
           R"({"vibes_ingest":{"Ack":"received"}})",
           R"({"vibes_ingest":{"level":"received"}})",
           R"({"vibes_ingest":{"ack":"received","more":1}})",
           R"({"vibes_ingest":{"ack":"received"},"more":1})",
           R"({"vibes_ingest":{"ack":"received"},"type":"hook"})",
           R"({"Vibes_ingest":{"ack":"received"}})",
           R"([{"vibes_ingest":{"ack":"received"}}])",
           R"({"vibes_ingest":{"ack":"received"})",
           R"({"vibes_ingest":{"ack":"received"}}})",
           R"({"vibes_ingest":{"ack":"received"}}{})",
           R"({"vibes_ingest":{"ack":"received",}})",
           R"({'vibes_ingest':{'ack':'received'}})",
           "\xef\xbb\xbf{\"vibes_ingest\":{\"ack\":\"received\"}}",
           "{\"vibes_ingest\":{\"ack\":\"\xff\"}}",
       }) {
    CAPTURE(line);
    const result<ack_level> parsed = parse_hello(line);
    REQUIRE(parsed.has_error());
    CHECK(parsed.error() == ingest_errc::bad_hello);
  }
}

TEST_CASE("Levels have the names of the protocol", "[producer_line]") {
  CHECK(to_string(ack_level::silent) == "silent");
  CHECK(to_string(ack_level::received) == "received");
  CHECK(to_string(ack_level::durable) == "durable");
  CHECK(to_string(ack_level::committed) == "committed");
}

TEST_CASE("Answers are written as the protocol's page shows them", "[producer_line]") {
  std::string out = "before\n";
  SECTION("to a hello") {
    ingest::append_hello_answer(out, {"0.1.0", ack_level::committed, 1'048'576});
    CHECK(out ==
          "before\n"
          R"({"vibes_ingest":{"version":"0.1.0","ack":"committed","max_event_bytes":1048576}})"
          "\n");
  }
  SECTION("an ack") {
    ingest::append_ack(out, 12);
    ingest::append_ack(out, ~std::uint64_t{0});
    CHECK(out == "before\n{\"ack\":12}\n{\"ack\":18446744073709551615}\n");
  }
  SECTION("an error") {
    append_error(out, 13, ingest_errc::invalid_json);
    CHECK(out ==
          "before\n"
          R"({"error":{"line":13,"code":"invalid_json","message":"the line is not valid JSON: )"
          R"(send one complete JSON object a line"}})"
          "\n");
  }
  SECTION("an error about the hello, whose quotes are escaped") {
    append_hello_error(out, ingest_errc::durable_unavailable);
    CHECK(out ==
          "before\n"
          R"({"error":{"line":0,"code":"durable_unavailable","message":"the level \"durable\" )"
          R"(needs a journal that works and has sync \"every_group\": use \"committed\""}})"
          "\n");
  }
}

}  // namespace
}  // namespace vibes::test
