#include <catch2/catch.hpp>

#include "tests/unit/ingest/scanner_support.hpp"

// Cut short, nested deep, bad UTF-8, and a scanner that must forget all of it.

namespace vibes::test {
namespace {

using ingest::event_scanner;
using ingest::schema_mode;

const std::string good_event =
    R"({"type":"hook","session_id":"s\u0031\ud83d\ude00","n":[-1.5e3,0,true,false,null,{}],"e":{"a":""}})";
const std::string good_verdict = "hook of s1\xf0\x9f\x98\x80";

TEST_CASE("A good event that is cut anywhere is not valid JSON", "[event_scanner][damage]") {
  REQUIRE(lenient_verdict_of(good_event) == good_verdict);
  for (std::size_t size = 0; size < good_event.size(); ++size) {
    CAPTURE(size);
    CHECK(lenient_verdict_of(good_event.substr(0, size)) == "invalid_json");
  }
}

TEST_CASE("A line cut inside a UTF-8 character is not valid UTF-8", "[event_scanner][damage]") {
  const std::string line = "{\"type\":\"\xf0\x9f\x98\x80";
  for (std::size_t missing = 1; missing <= 3; ++missing) {
    CAPTURE(missing);
    CHECK(lenient_verdict_of(line.substr(0, line.size() - missing)) == "invalid_utf8");
  }
  CHECK(lenient_verdict_of(line) == "invalid_json");
}

TEST_CASE("No line leaves anything behind for the next", "[event_scanner][damage]") {
  const std::string others[] = {
      R"({"type":"other","session_id":"other","event_id":"00000000-0000-0000-0000-000000000001"})",
      R"({"type":"oth\u0065r","session_id":"oth\u0065r","vibes_ingest":1})",
      R"({"type":"x","type")",
      "[[[[",
      with_payload(repeat("[", 100)),
      with_payload("1e99999999999"),
      with_session(in_quotes(repeat(R"(\u0041)", 300))),
      "{\"type\":\"\xff",
  };
  event_scanner scanner(schema_mode::lenient);
  for (std::size_t size = 0; size <= good_event.size(); ++size) {
    CAPTURE(size);
    verdict_of(scanner, good_event.substr(0, size));
    REQUIRE(verdict_of(scanner, good_event) == good_verdict);
    REQUIRE(verdict_of(scanner, R"({"\u0074ype":"x"})") == "x of unknown");
  }
  for (const std::string& other : others) {
    CAPTURE(other);
    verdict_of(scanner, other);
    const auto bare = scanner.scan(R"({"type":"x"})");
    REQUIRE(bare.has_value());
    CHECK(bare->type == "x");
    CHECK(bare->session_key == "unknown");
    CHECK_FALSE(bare->has_session);
    CHECK_FALSE(bare->event_id);
    CHECK_FALSE(scanner.saw_hello_key());
  }
}

TEST_CASE("The event may be 64 levels deep, itself included", "[event_scanner][damage]") {
  const auto arrays = [](std::size_t levels) {
    return with_payload(repeat("[", levels - 1) + repeat("]", levels - 1));
  };
  const auto objects = [](std::size_t levels) {
    return with_payload(repeat(R"({"a":)", levels - 1) + "1" + repeat("}", levels - 1));
  };
  for (const std::size_t levels : {2u, 63u, 64u}) {
    CAPTURE(levels);
    CHECK(lenient_verdict_of(arrays(levels)) == "x of unknown");
    CHECK(lenient_verdict_of(objects(levels)) == "x of unknown");
  }
  for (const std::size_t levels : {65u, 66u, 10'000u, 100'000u}) {
    CAPTURE(levels);
    CHECK(lenient_verdict_of(arrays(levels)) == "nesting_too_deep");
    CHECK(lenient_verdict_of(objects(levels)) == "nesting_too_deep");
    CHECK(lenient_verdict_of(with_payload(repeat("[", levels))) == "nesting_too_deep");
  }
  CHECK(lenient_verdict_of(repeat(R"({"a":)", 10'000)) == "nesting_too_deep");
  CHECK(lenient_verdict_of(repeat("[", 10'000)) == "not_an_object");
}

TEST_CASE("Width is no depth", "[event_scanner][damage]") {
  CHECK(lenient_verdict_of(with_payload("[" + repeat("[],", 10'000) + "{}]")) == "x of unknown");
  CHECK(lenient_verdict_of("{" + repeat(R"("a":{},)", 10'000) + R"("type":"x"})") ==
        "x of unknown");
}

TEST_CASE("Bad UTF-8 is called so in strings, in keys and between tokens",
          "[event_scanner][damage]") {
  const std::string_view bad[] = {
      "\x80",                      // a continuation alone
      "\xbf\xbf",                  // two of them
      "\xc3",                      // its continuation is missing
      "\xc0\x80",                  // an overlong NUL
      "\xc1\xbf",                  // an overlong DEL
      "\xe0\x80\xaf",              // an overlong slash
      "\xe0\x9f\xbf",              // the last overlong one of three bytes
      "\xed\xa0\x80",              // the first surrogate
      "\xed\xbf\xbf",              // the last surrogate
      "\xed\xa0\xbd\xed\xb8\x80",  // a pair of them, as CESU-8 has it
      "\xf0\x8f\xbf\xbf",          // the last overlong one of four bytes
      "\xf4\x90\x80\x80",          // above U+10FFFF
      "\xf5\x80\x80\x80",          // never a first byte
      "\xf8\x88\x80\x80\x80",
      "\xfe\xff",
      "\xff",
      "caf\xe9",  // Latin-1
  };
  for (const std::string_view each : bad) {
    const std::string text = in_quotes("a" + std::string(each) + "b");
    CAPTURE(each);
    CHECK(lenient_verdict_of(with_payload(text)) == "invalid_utf8");
    CHECK(lenient_verdict_of(with_session(text)) == "invalid_utf8");
    CHECK(lenient_verdict_of(R"({"type":)" + text + "}") == "invalid_utf8");
    CHECK(lenient_verdict_of("{" + text + R"(:1,"type":"x"})") == "invalid_utf8");
    CHECK(lenient_verdict_of(with_payload("{" + text + ":1}")) == "invalid_utf8");
    CHECK(lenient_verdict_of(R"({"type":"x" )" + std::string(each) + "}") == "invalid_utf8");
  }
}

}  // namespace
}  // namespace vibes::test
