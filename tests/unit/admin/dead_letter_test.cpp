#include "daemon/admin/dead_letter.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "protocol/error.hpp"

namespace vibes::test {
namespace {

using admin::dead_letter;
using admin::dead_letter_line;
using admin::parse_dead_letter;

constexpr std::size_t plenty = 1 << 20;

dead_letter refused_line(std::string_view text) {
  dead_letter made;
  made.unix_us = 1'000'000;
  made.code = "invalid_json";
  made.origin = {3, 42, 1'000};
  made.line = 7;
  made.payload = text;
  made.whole_bytes = text.size();
  return made;
}

TEST_CASE("A refused line is kept with its place and its text", "[dead_letter]") {
  CHECK(dead_letter_line(refused_line("{\"a\":\t\"\xc5\xbc\""), plenty) ==
        R"({"time":"1970-01-01T00:00:01.000000Z","code":"invalid_json","connection":3,"pid":42,)"
        R"("uid":1000,"line":7,"bytes":10,"payload":"{\"a\":\t\"ż\""})"
        "\n");
}

TEST_CASE("A line that is no UTF-8 is kept as base64", "[dead_letter]") {
  const std::string line = dead_letter_line(refused_line("\xff{"), plenty);
  CHECK_THAT(line, Catch::Contains(R"("payload_base64":"/3s=")"));
  CHECK(parse_dead_letter(line)->payload == "\xff{");
}

TEST_CASE("A refused event is kept with Iggy's status, its sequence and its id", "[dead_letter]") {
  dead_letter event = refused_line("{}");
  event.code = "refused_by_iggy";
  event.refused_with = make_error_code(protocol::iggy_errc::too_big_payload);
  event.sequence = 99;
  event.id = protocol::message_id{1, 2};
  const auto kept = boost::json::parse(dead_letter_line(event, plenty)).as_object();
  CHECK(kept.at("status").as_int64() == event.refused_with.value());
  CHECK(kept.at("detail").as_string() == event.refused_with.message());
  CHECK(kept.at("sequence").as_int64() == 99);
  CHECK(kept.at("message_id") == "00000000-0000-0001-0000-000000000002");
  // A limit of the wire is no status of Iggy.
  event.refused_with = make_error_code(protocol::wire_errc::payload_too_large);
  CHECK(!boost::json::parse(dead_letter_line(event, plenty)).as_object().contains("status"));
}

TEST_CASE("An event whose producer is not known has no place", "[dead_letter]") {
  dead_letter event = refused_line("{}");
  event.origin = {};
  CHECK_THAT(dead_letter_line(event, plenty),
             !Catch::Contains("connection") && !Catch::Contains("\"line\""));
}

TEST_CASE("A payload of which only the head is there is marked", "[dead_letter]") {
  dead_letter line = refused_line("{\"a\":\"\xc5");  // cut within a character
  line.whole_bytes = 5'000;
  const std::string kept = dead_letter_line(line, plenty);
  CHECK_THAT(kept, Catch::Contains(R"("bytes":5000,"truncated":true,"payload":"{\"a\":\"")"));
  CHECK(parse_dead_letter(kept)->truncated);
}

TEST_CASE("No letter is longer than it may be: its payload is cut", "[dead_letter]") {
  constexpr std::size_t bytes_max = 10'000;
  for (const std::string& unit : {std::string("x"), std::string("\""), std::string("\x01"),
                                  std::string("\xff"), std::string("\xc5\xbc")}) {
    std::string text;
    while (text.size() < 30'000) text += unit;
    const std::string line = dead_letter_line(refused_line(text), bytes_max);
    CHECK(line.size() <= bytes_max);
    const auto kept = parse_dead_letter(line);
    REQUIRE(kept);
    CHECK(kept->truncated);
    CHECK(!kept->payload.empty());
    CHECK(text.starts_with(kept->payload));
  }
}

TEST_CASE("What is no dead letter is not taken for one", "[dead_letter]") {
  for (const char* const each :
       {"", "{", "[]", "{}", R"({"type":"hook"})", R"({"code":"x"})", R"({"payload":"x"})",
        R"({"code":1,"payload":"x"})", R"({"code":"x","payload_base64":"!"})"}) {
    CAPTURE(each);
    CHECK(!parse_dead_letter(each));
  }
}

}  // namespace
}  // namespace vibes::test
